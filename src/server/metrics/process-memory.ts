import { readdir, readFile } from 'node:fs/promises';

const KIB = 1024;
/** Of what follows the command's name in /proc/<pid>/stat; see proc_pid_stat(5). */
const PROCESS_GROUP = 2;

/**
 * What the processes of each group take of the memory, in bytes, with pages that several share
 * divided among them (PSS). Empty where there is no /proc.
 *
 * @param leaders the pids of the groups' leaders
 */
export async function measureGroups(
  leaders: ReadonlySet<number>,
  proc = '/proc',
): Promise<Map<number, number>> {
  const bytes = new Map<number, number>();
  if (leaders.size === 0) return bytes;
  const names = await readdir(proc).catch(() => []);
  // One after another: this is never to be in the way of anything else.
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const group = await readGroup(`${proc}/${pid}/stat`);
    if (group === null || !leaders.has(group)) continue;
    const found = await readMemory(`${proc}/${pid}`);
    if (found !== null) bytes.set(group, (bytes.get(group) ?? 0) + found);
  }
  return bytes;
}

async function readGroup(file: string): Promise<number | null> {
  const stat = await readFile(file, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The command's name stands in parentheses and may itself contain spaces and parentheses.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[PROCESS_GROUP]);
}

/** Of a process that may not be looked into, sandboxed ones for instance, what it shares is left out. */
async function readMemory(folder: string): Promise<number | null> {
  const pss = await readKib(`${folder}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m);
  return pss ?? (await readKib(`${folder}/status`, /^RssAnon:\s+(\d+) kB$/m));
}

async function readKib(file: string, line: RegExp): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const found = line.exec(text);
  return found === null ? null : Number(found[1]) * KIB;
}
