const { Client, LocalAuth } = require('holdfast');

const client = new Client({
  authStrategy: new LocalAuth(),
  pairWithPhoneNumber: { phoneNumber: '12025550108' },
});

client.on('code', (code) => console.log('Type this on the phone:', code));
client.on('ready', () => console.log('Ready'));

client.initialize();
