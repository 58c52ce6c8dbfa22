import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { markerOf, writeProfile } from '../support/session-archive.js';

const MAIN = path.resolve('dist/cli/main.js');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-cli-'));
  await makeProfile('profile', 'first');
  await writeFile(path.join(folder, 'key'), randomBytes(32), { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

interface Run {
  code: number;
  out: string;
  err: string;
}

/** Runs the command in the test's folder, with a key in the environment unless told otherwise. */
function holdfast(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  const env = {
    ...process.env,
    HOLDFAST_STORE: 'file:./store',
    HOLDFAST_KEY_FILE: 'key',
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function json(args: string[]): Promise<unknown> {
  return JSON.parse((await holdfast([...args, '--json'])).out);
}

const makeProfile = (name: string, marker: string) => writeProfile(path.join(folder, name), marker);

const markerIn = (profile: string) => markerOf(path.join(folder, profile));

describe('what whatsapp-web.js has left in a store', () => {
  const outcomes = (given: unknown) =>
    (given as { session: string; result: string }[]).map(({ session, result }) => [
      session,
      result,
    ]);

  it('is listed, taken over, read back and, when asked for, deleted', async () => {
    await holdfast(['save', 'profile']);
    await mkdir(path.join(folder, 'old'));
    for (const name of ['RemoteAuth.zip', 'RemoteAuth-sales.zip', 'RemoteAuth-shop.zip']) {
      await holdfast(['export', '--to', path.join('old', name)]);
    }
    await truncate(path.join(folder, 'old', 'RemoteAuth-shop.zip'), 500);
    const old = { HOLDFAST_STORE: 'file:./old' };
    const dryRun = JSON.parse((await holdfast(['adopt', '--all', '--dry-run', '--json'], old)).out);
    expect(outcomes(dryRun)).toEqual([
      ['RemoteAuth', 'would-adopt'],
      ['RemoteAuth-sales', 'would-adopt'],
      ['RemoteAuth-shop', 'would-adopt'],
    ]);
    expect((await holdfast(['ls'], old)).out).toBe('There is no session in it.\n');

    const one = await holdfast(['adopt', '--session', 'sales'], old);
    expect(one).toMatchObject({
      code: 0,
      out: expect.stringContaining('taken over, and read back'),
    });
    const all = await holdfast(['adopt', '--all', '--delete-original', '--json'], old);
    expect(all.code).toBe(10);
    expect(outcomes(JSON.parse(all.out))).toEqual([
      ['RemoteAuth', 'adopted'],
      ['RemoteAuth-sales', 'already-there'],
      ['RemoteAuth-shop', 'failed'],
    ]);
    expect((await readdir(path.join(folder, 'old'))).filter((name) => /zip$/.test(name))).toEqual([
      'RemoteAuth-sales.zip',
      'RemoteAuth-shop.zip',
    ]);
    await holdfast(['restore', '--to', 'restored'], old);
    expect(await markerIn('restored')).toBe('first');
  });

  it('may lie in a folder, and stays out when the session was logged out of', async () => {
    await holdfast(['save', 'profile']);
    await holdfast(['export', '--to', 'RemoteAuth.zip']);
    await holdfast(['rm', '--yes']);
    const adopt = ['adopt', '--from', '.', '--all'];
    expect(outcomes(await json(adopt))).toEqual([['RemoteAuth', 'logged-out']]);
    const elsewhere = await holdfast(adopt, { HOLDFAST_STORE: 'file:./other' });
    expect(elsewhere).toMatchObject({ code: 0 });
  });

  it('is said not to be there', async () => {
    expect(await holdfast(['adopt', '--all'])).toMatchObject({ code: 0 });
    const missing = await holdfast(['adopt', '--session', 'sales']);
    expect(missing).toMatchObject({ code: 8, out: expect.stringContaining('RemoteAuth-sales') });
    expect(await holdfast(['adopt', '--session', 'sales', '--all'])).toMatchObject({ code: 2 });
  });
});

describe('a session in a store', () => {
  it('is saved, listed, shown, checked, and restored, newest or earlier', async () => {
    expect(await holdfast(['ls'])).toMatchObject({ code: 0, out: 'There is no session in it.\n' });
    const saved = await holdfast(['save', 'profile', '--session', 'sales']);
    expect(saved.out).toMatch(/^Saved snapshot 1 of RemoteAuth-sales: .* sent in .*\.$/m);
    expect(saved.out).not.toContain('NOT sealed');
    expect((await holdfast(['save', 'profile', '--session', 'RemoteAuth-sales'])).out).toBe(
      'Nothing has changed since the last snapshot.\n',
    );
    await makeProfile('profile', 'second');
    await holdfast(['save', 'profile', '--session', 'sales']);

    expect(await json(['ls'])).toMatchObject([
      { session: 'RemoteAuth-sales', state: 'linked', sealed: true, snapshots: 2 },
    ]);
    expect(await json(['show', '--session', 'sales'])).toMatchObject({
      session: 'RemoteAuth-sales',
      snapshots: [{ sequence: 2 }, { sequence: 1 }],
      newest: { live: 'not-needed', leftOut: [] },
    });
    expect((await holdfast(['show', '--session', 'sales'])).out).toContain('linked, sealed');
    expect((await holdfast(['check', '--session', 'sales'])).out).toContain(
      '2 snapshots, all whole.',
    );

    const restored = await holdfast(['restore', '--session', 'sales', '--to', 'restored']);
    expect(restored.out).toMatch(/^Restored snapshot 2 of .* to restored: /);
    expect(await markerIn('restored')).toBe('second');
    await holdfast(['restore', '--session', 'sales', '--to', 'restored', '--snapshot', '1']);
    expect(await markerIn('restored')).toBe('first');
    const rolledBack = await holdfast(['rollback', '--session', 'sales', '--snapshot', '1']);
    expect(rolledBack.out).toMatch(/^RemoteAuth-sales is as it was in snapshot 1 of .*snapshot 3/);
    await holdfast(['restore', '--session', 'sales', '--to', 'restored']);
    expect(await markerIn('restored')).toBe('first');
    const missing = await holdfast([
      'restore',
      '--session',
      'sales',
      '--to',
      'x',
      '--snapshot',
      '9',
    ]);
    expect(missing).toMatchObject({ code: 8, err: expect.stringContaining('SNAPSHOT_NOT_FOUND') });
  });

  it('never takes the place of a folder that holds something else, unless told to', async () => {
    await holdfast(['save', 'profile']);
    await mkdir(path.join(folder, 'precious'));
    await writeFile(path.join(folder, 'precious/thesis.txt'), 'ten years');
    const refused = await holdfast(['restore', '--to', 'precious']);
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('--overwrite') });
    expect(await readdir(path.join(folder, 'precious'))).toEqual(['thesis.txt']);
    expect((await holdfast(['restore', '--to', 'precious', '--overwrite'])).code).toBe(0);
    expect(await markerIn('precious')).toBe('first');
  });

  it('goes to an archive and comes from one', async () => {
    await holdfast(['save', 'profile']);
    const exported = await holdfast(['export', '--to', 'out.zip']);
    expect(exported.out).toContain('It is not sealed');
    expect((await stat(path.join(folder, 'out.zip'))).mode & 0o077).toBe(0);
    expect((await holdfast(['import', 'out.zip', '--session', 'copy'])).code).toBe(0);
    await holdfast(['restore', '--session', 'copy', '--to', 'restored']);
    expect(await markerIn('restored')).toBe('first');

    await truncate(path.join(folder, 'out.zip'), 200);
    expect(await holdfast(['import', 'out.zip', '--session', 'bad'])).toMatchObject({
      code: 10,
      err: expect.stringContaining('ARCHIVE_DAMAGED'),
    });
    expect(await json(['ls'])).toHaveLength(2);
  });

  it('is removed only when that is confirmed, and is gone then', async () => {
    await holdfast(['save', 'profile']);
    expect((await holdfast(['rm'])).code).toBe(2);
    expect(await json(['ls'])).toHaveLength(1);
    expect((await holdfast(['rm', '--yes'])).out).toContain('Removed RemoteAuth.');
    expect(await json(['ls'])).toEqual([]);
    expect(await holdfast(['show'])).toMatchObject({ code: 8 });
  });

  it('is found damaged by check, and its head is made anew by repair', async () => {
    await holdfast(['save', 'profile']);
    const heads = path.join(folder, 'store/keys/heads');
    await rm(heads, { recursive: true });
    const lost = await holdfast(['show']);
    expect(lost).toMatchObject({ code: 10, err: expect.stringContaining('holdfast repair') });
    expect((await holdfast(['repair'])).out).toContain('Repaired RemoteAuth: 1 snapshot');
    expect((await holdfast(['check', '--deep'])).out).toContain(
      '1 snapshot, all whole, everything read.',
    );

    const packs = path.join(folder, 'store/keys/packs/RemoteAuth');
    const [pack = ''] = await readdir(packs);
    const bytes = await readFile(path.join(packs, pack));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path.join(packs, pack), bytes);
    const checked = await holdfast(['check', '--deep']);
    expect(checked).toMatchObject({ code: 10, out: expect.stringContaining('DAMAGED') });
    const restored = await holdfast(['restore', '--to', 'restored']);
    expect(restored).toMatchObject({ code: 10, err: expect.stringContaining('OBJECT_ALTERED') });
    await expect(stat(path.join(folder, 'restored'))).rejects.toThrow('ENOENT');
  });
});

describe('the key', () => {
  it('is made, and kept where only this user can read it', async () => {
    const printed = (await holdfast(['key', 'new'])).out;
    expect(Buffer.from(printed, 'base64')).toHaveLength(32);
    await holdfast(['key', 'new', '--out', 'new-key']);
    expect((await stat(path.join(folder, 'new-key'))).mode & 0o777).toBe(0o600);
    const before = await readFile(path.join(folder, 'new-key'), 'utf8');
    expect(await holdfast(['key', 'new', '--out', 'new-key'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('was not touched'),
    });
    expect(await readFile(path.join(folder, 'new-key'), 'utf8')).toBe(before);
  });

  it('is rotated; then only the new one opens the session', async () => {
    await holdfast(['save', 'profile']);
    await holdfast(['key', 'new', '--out', 'new-key']);
    expect((await holdfast(['key', 'rotate', '--new-key-file', 'new-key'])).code).toBe(0);
    expect(await holdfast(['show'])).toMatchObject({
      code: 9,
      err: expect.stringContaining('KEY_WRONG'),
    });
    expect((await holdfast(['show', '--key-file', 'new-key'])).code).toBe(0);
  });

  it.each([
    ['a passphrase in the environment', { HOLDFAST_PASSPHRASE: 'correct horse battery' }],
    ['a key in the environment', { HOLDFAST_KEY: randomBytes(32).toString('base64') }],
    ['a key in hex', { HOLDFAST_KEY: randomBytes(32).toString('hex') }],
  ])('may be %s', async (_what, key) => {
    const environment = { HOLDFAST_KEY_FILE: '', ...key };
    expect((await holdfast(['save', 'profile'], environment)).code).toBe(0);
    expect((await holdfast(['show'], environment)).code).toBe(0);
    expect((await holdfast(['show'], { HOLDFAST_KEY_FILE: '' })).err).toContain('KEY_MISSING');
  });

  it('is missed when there is none, and its lack is said when a session is saved', async () => {
    const saved = await holdfast(['save', 'profile'], { HOLDFAST_KEY_FILE: '' });
    expect(saved.out).toContain('NOT sealed');
    expect(await holdfast(['show'])).toMatchObject({
      code: 9,
      err: expect.stringContaining('SESSION_NOT_SEALED'),
    });
  });

  it('that is no key is refused without being shown', async () => {
    await writeFile(path.join(folder, 'key'), 'hunter2-is-no-key\n');
    const { code, err } = await holdfast(['show']);
    expect(code).toBe(2);
    expect(err).toContain('INVALID_KEY');
    expect(err).not.toContain('hunter2');
  });

  it('file that others can read is warned of', async () => {
    await holdfast(['save', 'profile']);
    await writeFile(path.join(folder, 'open-key'), await readFile(path.join(folder, 'key')), {
      mode: 0o644,
    });
    expect((await holdfast(['show', '--key-file', 'open-key'])).err).toContain('chmod 600');
  });
});

test.each([
  [['ls', '--store', './sessions'], 2, 'write file: in front'],
  [['ls', '--store', 'ftp://host/x'], 2, 'Known: file:./sessions'],
  [['ls', '--store', 'file:/does/not/exist'], 7, 'STORE_UNREACHABLE'],
  [['show', '--session', 'a b'], 2, 'INVALID_CLIENT_ID'],
  [['restore', '--to', 'x', '--snapshot', 'newest'], 2, 'whole number'],
  [['rollback', '--snapshot', '1'], 8, 'SESSION_NOT_FOUND'],
  [['save', 'nothing-here'], 5, 'PROFILE_EMPTY'],
  [['import', 'nothing-here.zip'], 5, 'nothing-here.zip'],
  [['export', '--to', 'no/such/folder.zip'], 5, 'No temporary folder'],
])('holdfast %j ends with %i and says what is wrong', async (args, code, text) => {
  const run = await holdfast(args);
  expect(run.err + run.out).toContain(text);
  expect(run.code).toBe(code);
});

test('an error is JSON too, where that is asked for', async () => {
  const { out, code } = await holdfast(['show', '--json']);
  expect(code).toBe(8);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'SESSION_NOT_FOUND' } });
});

test('the move to another machine works as docs/command.md shows it', async () => {
  await makeProfile('.wwebjs_auth/session-sales', 'moved');
  await rm(path.join(folder, 'key'));
  const document = await readFile(path.resolve('docs/command.md'), 'utf8');
  const lines = [...document.matchAll(/^holdfast (.*?)(?: +#.*)?$/gm)].map(
    ([, line]) => line ?? '',
  );
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const { code, err } = await holdfast(line.split(' '), { HOLDFAST_KEY_FILE: '' });
    expect({ line, code, err }).toEqual({ line, code: 0, err: '' });
    if (line.startsWith('save')) await rm(path.join(folder, '.wwebjs_auth'), { recursive: true });
  }
  expect(await markerIn('.wwebjs_auth/session-sales')).toBe('moved');
});
