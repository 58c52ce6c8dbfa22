const { Client, LocalAuth } = require('holdfast');

for (const clientId of ['client-one', 'client-two']) {
  const client = new Client({
    authStrategy: new LocalAuth({ clientId, dataPath: 'yourFolderName' }),
  });
  client.on('qr', (qr) => console.log(clientId, qr));
  client.on('ready', () => console.log(clientId, 'is ready'));
  client.initialize();
}
