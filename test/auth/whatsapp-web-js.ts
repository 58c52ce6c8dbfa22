import path from 'node:path';
import { afterEach, expect, vi } from 'vitest';
import { Client, type AuthStrategy as TheirStrategy } from 'whatsapp-web.js';
import type { AuthStrategy, RemoteAuthOptions } from '../../src/index.js';
import type { Device } from '../../src/standin/index.js';
import { type Program, startProgram, until } from '../client/processes.js';
import { browsersOf, CHROMIUM, RemoteAuth, type StandIn, startStandIn } from '../client/support.js';
import { browserArgs } from '../standin/stand-in.js';
import { KEY, newFolder } from './remote-sessions.js';

/** whatsapp-web.js attaches late and waits for ever if the page has synced before. */
const SYNC_DELAY_MS = 2000;
const PATIENCE_MS = 50_000;

export const startSlowStandIn = (): Promise<StandIn> =>
  startStandIn({ page: { syncDelayMs: SYNC_DELAY_MS } });

type TheirClient = Client & { inject(): Promise<void>; lastLoggedOut: boolean };

const started = new Set<Client>();

afterEach(async () => {
  const clients = [...started];
  started.clear();
  await Promise.all(clients.map((client) => client.destroy()));
  // whatsapp-web.js waits for a browser's main process only; its helpers end a moment later.
  await until('end of the helpers', () => browsersOf().length === 0, 20_000);
});

/** All that a client emits, and what it has emitted. */
class Emitted {
  readonly all: [event: string, ...payload: unknown[]][] = [];
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    const emit = client.emit.bind(client);
    client.emit = (event: string, ...payload: unknown[]) => {
      this.all.push([event, ...payload]);
      return emit(event, ...payload);
    };
  }

  names(...only: string[]): string[] {
    const names = this.all.map(([name]) => name);
    return only.length === 0 ? names : names.filter((name) => only.includes(name));
  }

  of<T>(event: string): T[] {
    return this.all.filter(([name]) => name === event).map(([, payload]) => payload as T);
  }

  /** The payload of the event's n-th time, which may be past. */
  async until<T>(event: string, times = 1): Promise<T> {
    const isThere = () => this.names(event).length >= times;
    await until(`${event} × ${times}`, isThere, PATIENCE_MS).catch((error: Error) => {
      const seen = `at ${this.#client.pupPage?.url()}; events: ${this.names().join(', ')}`;
      throw new Error(`${error.message} ${seen}`);
    });
    return this.of<T>(event)[times - 1] as T;
  }
}

export interface Theirs {
  client: TheirClient;
  emitted: Emitted;
  initialized: Promise<void>;
  /**
   * Resolves when it does not inject any more: until then it rejects unheard if it is ended, though
   * it has emitted the QR already.
   */
  injected(): Promise<void>;
}

/** whatsapp-web.js's Client with a strategy of ours; it is destroyed after the test. */
export function startTheirs(standIn: StandIn, authStrategy: AuthStrategy, options = {}): Theirs {
  const client = new Client({
    authStrategy: authStrategy as unknown as TheirStrategy,
    webVersionCache: { type: 'none' },
    puppeteer: { executablePath: CHROMIUM, args: browserArgs(standIn) },
    ...options,
  }) as TheirClient;
  started.add(client);
  const emitted = new Emitted(client);
  const inject = vi.spyOn(client, 'inject');
  const initialized = client.initialize();
  initialized.catch(() => undefined);
  const injected = async () => {
    await initialized.catch(() => undefined);
    for (const { value } of [...inject.mock.results]) await value;
  };
  return { client, emitted, initialized, injected };
}

export interface TheirRemote extends Theirs {
  authStrategy: InstanceType<typeof RemoteAuth>;
}

/** With RemoteAuth, by default on an empty disk. */
export function startTheirRemote(
  standIn: StandIn,
  { dataPath = newFolder(), ...remote }: RemoteAuthOptions,
  options = {},
): TheirRemote {
  const authStrategy = new RemoteAuth({ encryptionKey: KEY, dataPath, ...remote });
  return { ...startTheirs(standIn, authStrategy, options), authStrategy };
}

/** Scans the n-th QR; resolves when the client is ready. */
export async function linkTheirs(
  standIn: StandIn,
  { emitted, injected }: Theirs,
  times = 1,
): Promise<Device> {
  const qr = await emitted.until<string>('qr', times);
  await injected();
  const device = await standIn.phone.scan(qr);
  await emitted.until('ready', times);
  return device;
}

/** In these whatsapp-web.js deletes a session that is still linked. */
export const PASSING_STATES = [
  'CONFLICT',
  'UNPAIRED_IDLE',
  'UNLAUNCHED',
  'PROXYBLOCK',
  'TOS_BLOCK',
  'DEPRECATED_VERSION',
];

export function showState(device: Device, state: string): void {
  if (state === 'CONFLICT') device.conflict();
  else device.forceState(state);
}

/** The navigation of a logout that is seen only once the browser is gone; resolves after all hooks. */
export async function navigateLate({ client, emitted, injected }: Theirs): Promise<void> {
  const seen = emitted.names('disconnected').length;
  client.lastLoggedOut = true;
  client.pupPage?.emit('framenavigated', client.pupPage.mainFrame());
  expect(emitted.of('disconnected').slice(seen)).toEqual(['LOGOUT']);
  await until('end of the hooks', () => !client.lastLoggedOut);
  await injected();
}

const SCRIPT = `
  const { Client } = require(${JSON.stringify(require.resolve('whatsapp-web.js'))});
  const { FileStore, RemoteAuth } = require('holdfast');
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const { store, remote, key, ...options } = JSON.parse(process.env.OPTIONS);
  const authStrategy = new RemoteAuth({
    store: new FileStore({ path: store }),
    encryptionKey: Buffer.from(key, 'hex'),
    ...remote,
  });
  const client = new Client({ authStrategy, webVersionCache: { type: 'none' }, ...options });
  const emit = client.emit.bind(client);
  client.emit = (event, ...payload) => {
    say(event, event === 'ready' ? client.pupBrowser.process().pid : payload[0]);
    return emit(event, ...payload);
  };
  const methods = { SIGUSR2: 'logout', SIGWINCH: 'destroy' };
  for (const [signal, method] of Object.entries(methods)) {
    process.on(signal, () => client[method]().then(() => say(method + ' is done')));
  }
  client.initialize().then(() => say('initialized'));
`;

/** What a program is told by a signal. */
export const LOGOUT = 'SIGUSR2';
export const DESTROY = 'SIGWINCH';

export interface RemoteProgramOptions {
  /** The path of a FileStore. */
  store: string;
  folder: string;
  remote?: Omit<RemoteAuthOptions, 'store'>;
  client?: object;
}

/** A process of its own with whatsapp-web.js's Client and RemoteAuth. `ready` names its browser. */
export function startRemoteProgram(
  standIn: StandIn,
  { store, folder, remote = {}, client = {} }: RemoteProgramOptions,
): Program {
  const puppeteer = { executablePath: CHROMIUM, args: browserArgs(standIn) };
  const key = KEY.toString('hex');
  const OPTIONS = JSON.stringify({ store, remote, key, puppeteer, ...client });
  return startProgram(SCRIPT, { folder, env: { OPTIONS } });
}

export const newStorePath = (): string => path.join(newFolder(), 'store');

/** The n-th time a program has said so. */
export function countOf(program: Program, event: string): number {
  return program.names().filter((name) => name === event).length;
}
