import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type * as Holdfast from '../../src/index.js';
import type { ClientEvents, ClientOptions, DisconnectReason, Message } from '../../src/index.js';
import type { Device, StandIn } from '../../src/standin/index.js';
import { browserArgs, CHROMIUM } from '../standin/stand-in.js';

export { CHROMIUM, startStandIn, withFolder } from '../standin/stand-in.js';
export type { ClientOptions, Device, DisconnectReason, Message, StandIn };

/** The compiled build: what users load. */
export const BUILD = path.resolve(process.env.HOLDFAST_BUILD ?? 'dist');

const holdfast: typeof Holdfast = await import(pathToFileURL(path.join(BUILD, 'index.js')).href);
export const {
  AuthStrategy,
  Client,
  FileStore,
  HoldfastError,
  LEAN_ARGUMENTS,
  LocalAuth,
  MemoryStore,
  NoAuth,
  openStore,
  RemoteAuth,
} = holdfast;
export type Client = Holdfast.Client;
export type HoldfastError = Holdfast.HoldfastError;

/** Temporary folders of this test file, so that its browsers can be told from others'. */
export const TEMPORARY = path.join(tmpdir(), `hft-${randomBytes(4).toString('hex')}`);
process.env.TMPDIR = TEMPORARY;

const EVENTS = Object.values(holdfast.Events);
const PATIENCE_MS = 45_000;
const started = new Set<Client>();

// Not at once: a file whose tests are all skipped runs no hooks, and would leave it behind.
beforeAll(() => mkdirSync(TEMPORARY));

afterEach(async () => {
  const clients = [...started];
  started.clear();
  await Promise.all(clients.map((client) => client.destroy()));
});

afterAll(() => {
  const left = { browsers: browsersOf(), folders: temporaryProfiles() };
  rmSync(TEMPORARY, { recursive: true, force: true, maxRetries: 5 });
  expect(left).toEqual({ browsers: [], folders: [] });
});

/** All that a client has emitted, and what it will emit. */
export class EventLog {
  readonly all: [event: keyof ClientEvents, ...payload: unknown[]][] = [];
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    for (const event of EVENTS) {
      client.on(event, (...payload: unknown[]) => this.all.push([event, ...payload]));
    }
  }

  /** The names of the events so far, only those given if any are. */
  names(...only: (keyof ClientEvents)[]): string[] {
    const names = this.all.map(([name]) => name);
    return only.length === 0 ? names : names.filter((name) => only.includes(name));
  }

  /** The payloads of one event so far. */
  of<E extends keyof ClientEvents>(event: E): ClientEvents[E][] {
    return this.all.filter(([name]) => name === event).map(([, ...rest]) => rest as never);
  }

  /** The payload of the event's n-th time, which may be past. */
  async until<E extends keyof ClientEvents>(event: E, times = 1): Promise<ClientEvents[E]> {
    for (;;) {
      const payload = this.of(event)[times - 1];
      if (payload !== undefined) return payload;
      await this.#next(event);
    }
  }

  #next(event: keyof ClientEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      const onEvent = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#client.off(event, onEvent);
        const seen = this.names().join(', ') || 'none';
        reject(new Error(`no event "${event}" within ${PATIENCE_MS} ms; events: ${seen}`));
      }, PATIENCE_MS);
      this.#client.once(event, onEvent);
    });
  }
}

export interface StartedClient {
  client: Client;
  log: EventLog;
  /** What `initialize()` has returned; await it to see it fail. */
  initialized: Promise<void>;
}

/** A client on the stand-in; it is destroyed after the test. */
export function createClient(standIn: StandIn, options: ClientOptions = {}): Client {
  const { puppeteer, ...others } = options;
  const args = [...browserArgs(standIn), ...(puppeteer?.args ?? [])];
  const client = new Client({
    ...others,
    puppeteer: { executablePath: CHROMIUM, ...puppeteer, args },
  });
  started.add(client);
  return client;
}

export function startClient(standIn: StandIn, options: ClientOptions = {}): StartedClient {
  const client = createClient(standIn, options);
  const log = new EventLog(client);
  const initialized = client.initialize();
  initialized.catch(() => undefined);
  return { client, log, initialized };
}

/** Scans the first QR; resolves when the client is ready. */
export async function link(standIn: StandIn, { log }: StartedClient): Promise<Device> {
  const [qr] = await log.until('qr');
  const device = await standIn.phone.scan(qr);
  await log.until('ready');
  return device;
}

export async function untilEvent<E extends keyof ClientEvents>(
  client: Client,
  event: E,
): Promise<ClientEvents[E]> {
  return new EventLog(client).until(event);
}

/** Processes with this text in their command line; by default all browsers of this test file. */
export function browsersOf(marker: string = TEMPORARY): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(marker)).map(Number);
}

/** Temporary profiles that lie about now. */
export function temporaryProfiles(): string[] {
  return readdirSync(TEMPORARY).filter((name) => /^holdfast-\w{6}$/.test(name));
}

/** Holdfast's warnings from now on; `stop()` before the test ends. */
export function collectWarnings(): { list: Warning[]; stop(): void } {
  const list: Warning[] = [];
  const onWarning = (warning: Error & { code?: string }) => {
    if (warning.name === 'HoldfastWarning') {
      list.push({ code: warning.code ?? '', message: warning.message });
    }
  };
  process.on('warning', onWarning);
  return { list, stop: () => process.off('warning', onWarning) };
}

export interface Warning {
  code: string;
  message: string;
}

/** The error a promise rejects with; fails if it does not, or not with one of Holdfast's. */
export async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof HoldfastError) return error;
  throw error;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
