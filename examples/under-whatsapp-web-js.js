const { FileStore, findBrowser, RemoteAuth } = require('holdfast');
const { Client } = require('whatsapp-web.js');

const { executablePath } = findBrowser();
const client = new Client({
  authStrategy: new RemoteAuth({
    store: new FileStore({ path: './sessions' }),
    encryptionKey: process.env.HOLDFAST_KEY, // `npx holdfast key new` makes one
  }),
  puppeteer: { executablePath },
});

client.on('qr', (qr) => console.log(qr));
client.on('session_saved', ({ reason }) => console.log('Saved:', reason));

client.initialize();
