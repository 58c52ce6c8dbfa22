import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { checkDatabase } from '../../src/profile/leveldb/check-database.js';
import { readEntries } from '../../src/profile/leveldb/read-entries.js';
import { localStorageFolder } from '../../src/profile/local-storage.js';
import { temporaryFolder } from './support/temporary-folder.js';

const BUILD = path.resolve(process.env.HOLDFAST_BUILD ?? 'dist');
const ROUNDS = 12;
const ORIGIN = 'https://web.example';

/** Writes one area and then the other, again and again. */
const SCRIPT = `
  const { mergeLocalStorage } = require(${JSON.stringify(`${BUILD}/profile/local-storage.js`)});
  const area = (name) => ({
    origin: '${ORIGIN}',
    items: Array.from({ length: 50 }, (_, n) => [name + n, name.repeat(4000)]),
  });
  (async () => {
    for (let n = 0; ; n++) {
      await mergeLocalStorage(process.argv[1], [area(n % 2 ? 'odd' : 'even')]);
      if (n === 0) process.stdout.write('begun');
    }
  })();
`;

it('a process killed while it writes localStorage leaves the profile with all of it or none', async () => {
  const profile = await temporaryFolder();
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, ['-e', SCRIPT, profile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    // The very first time there is no database yet.
    if (round > 0) await once(child.stdout, 'data');
    await sleep(randomInt(0, 150));
    child.kill('SIGKILL');
    await closed;

    const dir = localStorageFolder(profile);
    const check = await checkDatabase(dir, { deep: true }).catch((error) => error.code);
    if (round === 0 && check === 'ENOENT') continue;
    expect(check).toEqual({ state: 'ok' });
    const entries = await readEntries(dir, Buffer.from(`_${ORIGIN}\0`));
    const names = [...entries.values()].map((value) => Buffer.from(value).toString('latin1', 1, 5));
    if (round > 0 || names.length > 0) expect(names).toHaveLength(50);
    for (const name of names) expect(name).toBe(names[0]);
    seen.add(names[0] ?? 'none');
  }
  expect([...seen].length).toBeGreaterThan(1);
});
