import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_KINDS, SERVER_PLACES } from '../stores/support/places.js';
import { writeSession } from '../support/session-archive.js';

const MAIN = path.resolve('dist/cli/main.js');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-cli-stores-'));
  await writeSession(path.join(folder, 'session.zip'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  code: number;
  out: string;
  err: string;
}

/** Resolves when the command has ended, which takes that its connections are closed. */
function holdfast(args: string[], environment: NodeJS.ProcessEnv): Promise<Run> {
  const env = { ...process.env, HOLDFAST_PASSPHRASE: 'a passphrase', ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe.each(SERVER_KINDS)('the command on %s', (kind) => {
  it('saves, lists, restores and removes a session, and ends each time', async () => {
    const place = await SERVER_PLACES[kind]();
    const env = { ...place.env, HOLDFAST_STORE: place.url };
    const run = (...args: string[]) => holdfast([...args, '--session', kind], env);
    expect(await run('import', 'session.zip')).toMatchObject({ code: 0 });
    const listed = await holdfast(['ls', '--json'], env);
    expect(JSON.parse(listed.out)).toContainEqual(
      expect.objectContaining({ session: `RemoteAuth-${kind}`, sealed: true, snapshots: 1 }),
    );
    expect(await run('check', '--deep')).toMatchObject({ code: 0 });
    expect(await run('restore', '--to', kind)).toMatchObject({ code: 0 });
    expect(await run('rm', '--yes')).toMatchObject({ code: 0 });
    expect(await run('show')).toMatchObject({ code: 8 });
  });
});

it.each([
  'mongodb://bot:s3cr3t@127.0.0.1:1/bots',
  's3://bucket/bots?region=us-east-1&endpoint=http://127.0.0.1:1',
  'postgres://bot:s3cr3t@127.0.0.1:1/bots',
  'redis://bot:s3cr3t@127.0.0.1:1',
])('where nobody answers, at %s, it ends with 7 and tells no secret', async (url) => {
  const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 's3cr3t' };
  const { code, out, err } = await holdfast(['ls'], { ...env, HOLDFAST_STORE: url });
  expect(err).toContain('STORE_UNREACHABLE');
  expect(code).toBe(7);
  expect(out + err).not.toContain('s3cr3t');
});
