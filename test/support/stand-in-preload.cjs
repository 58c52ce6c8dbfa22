// Loaded by `node --require` ahead of a program under test that has no option for it: leads the
// browsers it starts to the test's stand-in for WhatsApp Web.
const { default: puppeteer } = require('puppeteer-core');

const args = JSON.parse(process.env.TEST_LAUNCH_ARGS ?? '[]');
const launch = puppeteer.launch.bind(puppeteer);
puppeteer.launch = (options) => launch({ ...options, args: [...(options.args ?? []), ...args] });
