const { MongoStore } = require('holdfast/mongo');
const mongoose = require('mongoose');

mongoose.connect(process.env.MONGODB_URI).then(async () => {
  const store = new MongoStore({ mongoose: mongoose });

  // Reads ./yourSessionName.zip, or the one in the dataPath
  await store.save({ session: 'yourSessionName' });

  // Writes ./yourSessionName.zip
  await store.extract({ session: 'yourSessionName' });

  console.log('Saved:', await store.sessionExists({ session: 'yourSessionName' }));
  await store.delete({ session: 'yourSessionName' });
  console.log('Deleted:', !(await store.sessionExists({ session: 'yourSessionName' })));

  await mongoose.disconnect();
});
