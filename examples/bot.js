const { Client, LocalAuth } = require('holdfast');
const { renderUnicodeCompact } = require('uqr'); // npm install uqr

const client = new Client({ authStrategy: new LocalAuth() });

client.on('qr', (qr) => console.log(renderUnicodeCompact(qr)));
client.on('ready', () => console.log('Ready as', client.info.pushname));
client.on('message', (message) => {
  if (message.body === 'ping') message.reply('pong');
});

client.initialize();
