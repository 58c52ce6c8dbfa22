const { Client, RemoteAuth } = require('holdfast');
const { MongoStore } = require('holdfast/mongo');
const mongoose = require('mongoose');

mongoose.connect(process.env.MONGODB_URI).then(() => {
  const store = new MongoStore({ mongoose: mongoose });
  const client = new Client({
    authStrategy: new RemoteAuth({
      store: store,
      backupSyncIntervalMs: 300000,
    }),
  });

  client.on('qr', (qr) => console.log(qr));
  client.on('remote_session_saved', () => console.log('The new login is in the store'));

  client.initialize();
});
