const { Client, RemoteAuth } = require('holdfast');
const { AwsS3Store } = require('holdfast/s3');
const {
  S3Client,
  PutObjectCommand,
  HeadObjectCommand,
  GetObjectCommand,
  DeleteObjectCommand,
} = require('@aws-sdk/client-s3');

const s3 = new S3Client({
  region: process.env.AWS_REGION,
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  },
});

const putObjectCommand = PutObjectCommand;
const headObjectCommand = HeadObjectCommand;
const getObjectCommand = GetObjectCommand;
const deleteObjectCommand = DeleteObjectCommand;

const store = new AwsS3Store({
  bucketName: 'example-bucket',
  remoteDataPath: 'example/path/',
  s3Client: s3,
  putObjectCommand,
  headObjectCommand,
  getObjectCommand,
  deleteObjectCommand,
});

const client = new Client({
  authStrategy: new RemoteAuth({
    clientId: 'yourSessionName',
    dataPath: './.wwebjs_auth',
    store: store,
    backupSyncIntervalMs: 600000,
  }),
});

client.on('qr', (qr) => console.log(qr));
client.on('remote_session_saved', () => console.log('The new login is in the store'));

client.initialize();
