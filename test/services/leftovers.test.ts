import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRun } from './fixtures/start-run.js';
import { useService } from './services.js';

let folder: string;
/** What the run takes for the system's temporary folder: its servers are known by it. */
let temporary: string;
let run: ChildProcess | undefined;

/** The run starts its own, whatever this one was given. */
const nothingGiven = {
  REDIS_URL: undefined,
  POSTGRES_URL: undefined,
  PGBOUNCER_URL: undefined,
  S3_ENDPOINT: undefined,
};

beforeAll(async () => {
  // The run asks for these. Where they cannot be had there is nothing to see.
  for (const name of ['redis', 'pgbouncer', 's3'] as const) await useService(name);
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'leftovers-'));
  temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
  // PostgreSQL runs as another user than root.
  chmodSync(folder, 0o755);
});
afterEach(() => {
  run?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

describe.runIf(process.platform === 'linux')('nothing is left running, and no folder', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('when %s ends the run', async (signal) => {
    await startRunThatHolds();
    expect(programsOfRun()).toEqual(
      expect.arrayContaining(['ceph-osd', 'pgbouncer', 'postgres', 'radosgw', 'redis-server']),
    );
    expect(foldersOfServers()).toHaveLength(4);
    run?.kill(signal);
    await vi.waitFor(() => expect(programsOfRun()).toEqual([]), 45_000);
    expect(foldersOfServers()).toEqual([]);
  });
});

/** By now with all its servers. */
async function startRunThatHolds(): Promise<void> {
  const holding = path.join(folder, 'holding');
  run = startRun('holds-servers', {
    ...nothingGiven,
    TMPDIR: temporary,
    HOLDING_FILE: holding,
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream?.on('data', (data) => {
      output += data;
    });
  }
  await vi.waitFor(() => expect(existsSync(holding), output).toBe(true), 60_000);
}

/** Vitest has a folder there too, which it leaves when it is ended. */
function foldersOfServers(): string[] {
  return readdirSync(temporary).filter((entry) => entry.startsWith('holdfast-'));
}

/** The names of all processes that this run started, directly or not. */
function programsOfRun(): string[] {
  const programs = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && isOfRun(entry))
    .map((pid) => readOf(pid, 'comm').trim());
  return [...new Set(programs)].sort();
}

/** They inherit its environment, which Redis overwrites; but that stays in its folder. */
function isOfRun(pid: string): boolean {
  if (readOf(pid, 'environ').includes(`TMPDIR=${temporary}`)) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(temporary);
  } catch {
    return false;
  }
}

function readOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
