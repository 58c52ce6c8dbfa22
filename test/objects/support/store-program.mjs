// Uses a file store in a process of its own:
//
//   write <folder> <name>   puts objects and raises a counter until it is killed
//   count <folder> <times>  raises the counter so many times
//   hold <folder>           stops in the middle of a put

import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { FileStore } from '../../../dist/index.js';

const [what, path, argument] = process.argv.slice(2);
const store = new FileStore({ path });

/** Undefined when someone else was faster. */
async function raise() {
  const cell = await store.readCell('counter');
  const count = Number(cell === null ? 0 : Buffer.from(cell.value).toString()) + 1;
  try {
    await store.swapCell('counter', Buffer.from(`${count}`), cell?.version ?? null);
    return count;
  } catch (error) {
    if (error.code !== 'CELL_CONFLICT') throw error;
    return undefined;
  }
}

if (what === 'write') {
  for (let round = 0; ; round++) {
    const content = randomBytes(200_000);
    const digest = createHash('sha256').update(content).digest('hex');
    const key = `packs/${argument}/${round}-${digest}`;
    const [, count] = await Promise.all([store.put(key, content), raise()]);
    process.stdout.write(`put ${key}\nswapped ${count}\n`);
  }
}

if (what === 'count') {
  for (let raised = 0; raised < Number(argument); ) {
    if ((await raise()) !== undefined) raised += 1;
  }
}

if (what === 'hold') {
  const { rename } = fs;
  await store.put('begun', Buffer.from('x'));
  fs.rename = async (from, to) => {
    if (!from.includes('temporary')) return rename(from, to);
    console.log('holding');
    return new Promise(() => setInterval(() => undefined, 1000));
  };
  syncBuiltinESMExports();
  await store.put('held', Buffer.from('x'));
}
