import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const ofRoot = (name: string) => path.join(root, name);

const program = `
import mongoose, { createConnection, Mongoose } from 'mongoose';
import * as wholeMongoose from 'mongoose';
import { type Db, MongoClient } from 'mongodb';
import { MongoStore, type MongoDatabase } from 'holdfast/mongo';

const uri = 'mongodb://localhost/bots';
const db: Db = new MongoClient(uri).db();
const database: MongoDatabase = db;
export const stores = [
  new MongoStore({ mongoose }),
  new MongoStore({ mongoose: wholeMongoose }),
  new MongoStore({ mongoose: new Mongoose() }),
  new MongoStore({ mongoose: mongoose.connection }),
  new MongoStore({ mongoose: createConnection(uri) }),
  new MongoStore({ db }),
  new MongoStore({ db: database, dataPath: './auth', requests: { timeoutMs: 5000 } }),
  new MongoStore({ uri }),
];
// @ts-expect-error It is no database.
new MongoStore({ db: new MongoClient(uri) });
// @ts-expect-error It is no mongoose.
new MongoStore({ mongoose: uri });
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mongo-types-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['mongoose 8 and the driver 6', 'mongoose', 'mongodb'],
  ['mongoose 9 and the driver 7', 'mongoose-9', 'mongodb-7'],
])('takes what users of %s have', (_, mongoose, mongodb) => {
  writeFileSync(path.join(folder, 'user.ts'), program);
  const config = path.join(folder, 'tsconfig.json');
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    target: 'es2023',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom'],
    types: ['node'],
    typeRoots: [ofRoot('node_modules/@types')],
    paths: {
      mongoose: [ofRoot(`node_modules/${mongoose}`)],
      mongodb: [ofRoot(`node_modules/${mongodb}`)],
      'holdfast/mongo': [ofRoot('src/mongo.ts')],
    },
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: ['user.ts'] }));
  const tsc = ofRoot('node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
