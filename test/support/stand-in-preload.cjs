// Loaded by `node --require` ahead of a program under test that has no option for it: leads the
// browsers it starts to the test's stand-in for WhatsApp Web.
const args = JSON.parse(process.env.TEST_LAUNCH_ARGS ?? '[]');

// whatsapp-web.js has a Puppeteer of its own, and launches by its module.
for (const name of ['puppeteer-core', 'puppeteer']) {
  const exported = require(name);
  const launch = exported.default.launch.bind(exported.default);
  const launchToStandIn = (options) =>
    launch({ ...options, args: [...(options.args ?? []), ...args] });
  exported.launch = launchToStandIn;
  exported.default.launch = launchToStandIn;
}
