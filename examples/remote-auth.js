const { Client, FileStore, RemoteAuth } = require('holdfast');
const { renderUnicodeCompact } = require('uqr'); // npm install uqr

const client = new Client({
  authStrategy: new RemoteAuth({
    store: new FileStore({ path: './sessions' }),
    encryptionKey: process.env.HOLDFAST_KEY, // `npx holdfast key new` makes one
  }),
});

client.on('qr', (qr) => console.log(renderUnicodeCompact(qr)));
client.on('session_restored', ({ from }) => console.log('The login came from', from));
client.on('lease_waiting', ({ holder }) => console.log('Waiting for', holder.host, holder.pid));
client.on('ready', () => console.log('Ready as', client.info.pushname));
client.once('session_saved', () => console.log('Saved: from now on an empty disk is no loss'));
client.on('disconnected', (reason) => console.log('Disconnected:', reason));

client.initialize();
