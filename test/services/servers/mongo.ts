import { type Document, MongoClient } from 'mongodb';
import type { KeptProcess } from '../keeper/keeper.js';
import type { Keepers } from '../keeper/keepers.js';
import { findInstalled } from '../programs/find-or-fetch.js';
import { programOf } from '../programs/installation.js';
import { fetchNpmPackage } from '../programs/npm-package.js';
import type { MongoService } from '../service-types.js';
import { Unavailable } from '../unavailable.js';
import { freePort } from './free-port.js';
import { startInKeeper } from './start-in-keeper.js';
import { untilReady } from './until-ready.js';

/** Speaks MongoDB's protocol and keeps everything in memory. Debian has no MongoDB itself. */
const jongodb = {
  name: '@jongodb/memory-server-bin-linux-x64-gnu',
  version: '0.1.6',
  integrity:
    'sha512-IYOsw016/gCOMRt2rd8RZ8PY4Cd33LmrOe7ntKVtpNQdRkkPkAMkn3D7rihb4jSs7zOECvzRZp8eHs7vlabvQQ==',
  program: 'jongodb',
};

const replicaSet = 'rs0';
const host = '127.0.0.1';

/** MongoDB itself where it is installed. Both are a replica set of one, which transactions need. */
export async function startMongo(keepers: Keepers): Promise<MongoService> {
  const mongod = await findInstalled(['mongod']);
  if (mongod !== undefined) return await startMongod(programOf(mongod, 'mongod'), keepers);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Unavailable('mongod is not installed, and only for Linux on x64 it can be fetched');
  }
  const fetched = await fetchNpmPackage(jongodb, keepers);
  return await startJongodb(programOf(fetched, jongodb.program), keepers);
}

async function startMongod(program: string, keepers: Keepers): Promise<MongoService> {
  return await startInKeeper(keepers, 'mongo', undefined, async (keeper) => {
    const port = await freePort();
    const server = keeper.run(program, [
      ...['--dbpath', keeper.folder, '--replSet', replicaSet],
      ...['--bind_ip', host, '--port', String(port)],
    ]);
    const members = [{ _id: 0, host: `${host}:${port}` }];
    const direct = `mongodb://${host}:${port}/?directConnection=true`;
    const initiate = { replSetInitiate: { _id: replicaSet, members } };
    await untilReady('MongoDB', [server], () => command(direct, initiate));
    return await whenPrimary(port, server);
  });
}

async function startJongodb(program: string, keepers: Keepers): Promise<MongoService> {
  return await startInKeeper(keepers, 'mongo', undefined, async (keeper) => {
    const port = await freePort();
    const server = keeper.run(program, [
      ...[`--host=${host}`, `--port=${port}`, '--database=test'],
      ...['--topology-profile=singleNodeReplicaSet', `--replica-set-name=${replicaSet}`],
    ]);
    return await whenPrimary(port, server);
  });
}

async function whenPrimary(port: number, server: KeptProcess): Promise<MongoService> {
  const uri = `mongodb://${host}:${port}/?replicaSet=${replicaSet}`;
  await untilReady('MongoDB', [server], () => command(uri, { ping: 1 }));
  return { uri };
}

async function command(uri: string, document: Document): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2_000 });
  try {
    await client.db('admin').command(document);
  } finally {
    await client.close();
  }
}
