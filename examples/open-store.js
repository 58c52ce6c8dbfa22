const { Client, RemoteAuth, openStore } = require('holdfast');

const store = openStore(process.env.HOLDFAST_STORE ?? 'file:./sessions');
const client = new Client({
  authStrategy: new RemoteAuth({
    store,
    encryptionKey: process.env.HOLDFAST_KEY, // `npx holdfast key new` makes one
  }),
});

client.on('qr', (qr) => console.log(qr));
client.on('session_adopted', ({ place }) => console.log('Taken over from', place));
client.on('ready', () => console.log('Ready as', client.info.pushname));

client.initialize();
