const { default: puppeteer } = require('puppeteer-core'); // npm install puppeteer-core
const { FileStore, findBrowser } = require('holdfast');
const { ProfileSaver, puppeteerLivePage } = require('holdfast/engine');

async function main() {
  const userDataDir = './my-profile';
  const { executablePath } = findBrowser();
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await puppeteer.launch({ executablePath, userDataDir, args, pipe: true });
  const [page] = await browser.pages();
  await page.goto('https://web.whatsapp.com/');

  const saver = await ProfileSaver.open({
    store: new FileStore({ path: './my-store' }),
    session: 'my-session',
    userDataDir,
    livePage: puppeteerLivePage(page),
    encryptionKey: process.env.HOLDFAST_KEY ?? 'a long passphrase of yours',
  });
  const first = await saver.save();
  console.log('Saved', first.bytesSent, 'bytes; the browser never stopped.');

  // From now on each save sends what has changed; null when nothing has.
  console.log('Saved again:', await saver.save());
  await saver.close();
  await browser.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
