const { Client, HoldfastError, LocalAuth } = require('holdfast');

const client = new Client({ authStrategy: new LocalAuth() });

client.on('qr', (qr) => console.log(qr));
client.on('disconnected', (reason) => console.log('Disconnected:', reason));

client.initialize().catch((error) => {
  if (error instanceof HoldfastError && error.code === 'PROFILE_IN_USE') {
    console.error('The bot runs already:', error.message);
    process.exitCode = 3;
    return;
  }
  throw error;
});
