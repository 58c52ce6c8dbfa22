import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Where this process's pid means something: one boot of one machine and, on Linux, one pid
 * namespace. Two processes with equal places see each other; from any other place a pid says
 * nothing.
 */
export interface ProcessPlace {
  boot: string;
  pidNamespace: string;
}

/** Null when it cannot be told for sure, as in a container that shows the processes of its host. */
export async function placeOfThisProcess(): Promise<ProcessPlace | null> {
  try {
    if (process.platform === 'linux') return await placeOnLinux();
    if (process.platform === 'darwin') {
      const { stdout } = await promisify(execFile)('sysctl', ['-n', 'kern.bootsessionuuid']);
      const boot = stdout.trim();
      return boot === '' ? null : { boot, pidNamespace: 'the only one' };
    }
    return null;
  } catch {
    return null;
  }
}

export function isSamePlace(a: ProcessPlace | null, b: ProcessPlace | null): boolean {
  return a !== null && b !== null && a.boot === b.boot && a.pidNamespace === b.pidNamespace;
}

async function placeOnLinux(): Promise<ProcessPlace | null> {
  // A namespace without a /proc of its own shows the processes of another one.
  if ((await readlink('/proc/self')) !== String(process.pid)) return null;
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const namespace = await readlink('/proc/self/ns/pid');
  // Namespaces are numbered, and numbers come again; with the start of its first process
  // (field 22 of proc_pid_stat(5)) it is this one and no other.
  const stat = await readFile('/proc/1/stat', 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (boot === '' || started === undefined) return null;
  return { boot, pidNamespace: `${namespace} ${started}` };
}
