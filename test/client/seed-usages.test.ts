import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installFolder, startProgram } from './processes.js';
import { browsersOf, type StandIn, startStandIn } from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

/** Leads the browsers of an untouched script to the stand-in, and says which QRs it emits. */
const PRELOAD = `
  const puppeteer = require(process.env.PUPPETEER);
  const launch = puppeteer.default.launch.bind(puppeteer.default);
  puppeteer.default.launch = (options) =>
    launch({ ...options, args: [...options.args, ...JSON.parse(process.env.LAUNCH_ARGS)] });
  const { EventEmitter } = require('node:events');
  const { emit } = EventEmitter.prototype;
  let clients = 0;
  EventEmitter.prototype.emit = function (event, ...args) {
    if (event === 'qr') process.stdout.write(JSON.stringify(['qr ' + ++clients, args[0]]) + '\\n');
    return emit.call(this, event, ...args);
  };
`;

const USAGES: [name: string, script: string, folders: string[]][] = [
  [
    'a client without options',
    `
const { Client } = require('holdfast');
const client = new Client();
client.initialize();
`,
    [],
  ],
  [
    'NoAuth',
    `
const { Client, NoAuth } = require('holdfast');
const client = new Client({
    authStrategy: new NoAuth()
});
client.initialize();
`,
    [],
  ],
  [
    'LocalAuth',
    `
const { Client, LocalAuth } = require('holdfast');
const client = new Client({
    authStrategy: new LocalAuth()
});
client.initialize();
`,
    ['.wwebjs_auth/session'],
  ],
  [
    'LocalAuth with a data path',
    `
const { Client, LocalAuth } = require('holdfast');
const client = new Client({
    authStrategy: new LocalAuth({
        dataPath: 'yourFolderName'
    })
});
client.initialize();
`,
    ['yourFolderName/session'],
  ],
  [
    'two clients at once',
    `
const { Client, LocalAuth } = require('holdfast');
const client1 = new Client({
    authStrategy: new LocalAuth({ clientId: 'client-one' })
});
const client2 = new Client({
    authStrategy: new LocalAuth({ clientId: 'client-two' })
});
client1.initialize();
client2.initialize();
`,
    ['.wwebjs_auth/session-client-one', '.wwebjs_auth/session-client-two'],
  ],
];

test.each(USAGES)('%s, as documented, shows a QR', async (_, script, folders) => {
  const folder = installFolder();
  const preload = path.join(folder, 'preload.cjs');
  writeFileSync(preload, PRELOAD);
  const program = startProgram(script, {
    folder,
    nodeArgs: ['--require', preload],
    env: {
      PUPPETEER: require.resolve('puppeteer-core'),
      LAUNCH_ARGS: JSON.stringify(standIn.launchArgs),
    },
  });
  const expected = Math.max(folders.length, 1);
  const qrs: string[] = [];
  for (let n = 1; n <= expected; n++) qrs.push(await program.until(`qr ${n}`));
  expect(new Set(qrs).size).toBe(expected);
  for (const each of folders) expect(existsSync(path.join(folder, each, 'Default'))).toBe(true);
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(program.stderr).toBe('');
  expect(browsersOf(folder)).toEqual([]);
});
