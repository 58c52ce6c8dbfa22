import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A process that can be told apart from a later one with the same pid: operating systems reuse
 * pids, within minutes on a busy machine, and always after a reboot.
 */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the operating system's own words; only compared for equality. */
  startTime: string;
}

/** The identity of a running process, or null when there is none with that pid. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const startTime = await readStartTime(pid);
  return startTime === null ? null : { pid, startTime };
}

/** True when exactly this process still runs (a zombie does not). */
export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  return (await readStartTime(process.pid)) === process.startTime;
}

/** The command line of a process, or null when it is gone or may not be read. */
export async function readCommandLine(pid: number): Promise<string[] | null> {
  try {
    if (process.platform === 'linux') {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(Boolean);
    }
    if (process.platform === 'win32') return null;
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.trim().split(' ');
  } catch {
    return null;
  }
}

/** The parent's pid, or null when the process is gone or the system does not say. */
export async function readParentPid(pid: number): Promise<number | null> {
  try {
    if (process.platform === 'linux') return Number((await readStat(pid))[PARENT_PID]);
    if (process.platform === 'win32') return null;
    return Number((await run('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout);
  } catch {
    return null;
  }
}

/**
 * Ends a process: asks first, then kills it once `graceMs` (default 5000) have passed.
 * Resolves when it is gone.
 */
export async function endProcess(target: ProcessIdentity, graceMs = 5000): Promise<void> {
  // Another process may have its pid by now.
  if (!(await isRunning(target))) return;
  const patience = Date.now() + graceMs;
  signalProcess(target.pid, 'SIGTERM');
  let killed = false;
  while (await isRunning(target)) {
    if (!killed && Date.now() > patience) {
      signalProcess(target.pid, 'SIGKILL');
      killed = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** True while a process of this group runs; one that is dead but not yet collected does not count. */
export async function isGroupRunning(group: number): Promise<boolean> {
  if (!signalProcess(-group, 0)) return false;
  if (process.platform !== 'linux') return true;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readStat(Number(name)).catch(() => []);
    if (Number(stat[PROCESS_GROUP]) === group && !isDead(stat)) return true;
  }
  return false;
}

/** Sends a signal; a process that is gone already is not an error. A negative pid is a group. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

// Fields of /proc/<pid>/stat after the command name, see proc_pid_stat(5): 3 is the first.
const STATE = 0;
const PARENT_PID = 1;
const PROCESS_GROUP = 2;
const START_TIME = 19;

async function readStat(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The command name stands in parentheses and may itself contain spaces and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function isDead(stat: string[]): boolean {
  return stat[STATE] === 'Z' || stat[STATE] === 'X';
}

async function readStartTime(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      const stat = await readStat(pid);
      if (isDead(stat)) return null;
      // Ticks since boot: the boot's identity makes them unique across reboots.
      const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
      return `${boot}/${stat[START_TIME]}`;
    }
    if (process.platform === 'win32') {
      const command = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
      const { stdout } = await run('powershell', ['-NoProfile', '-Command', command]);
      return stdout.trim() || null;
    }
    return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim() || null;
  } catch {
    return null;
  }
}
