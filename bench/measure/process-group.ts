import { readdirSync, readFileSync } from 'node:fs';

/** What some processes take now; nulls where the system does not tell. */
export interface Use {
  processes: number;
  /** Memory in RAM; what several processes share counts for each in equal parts (PSS). */
  memoryBytes: number | null;
  /** The part of it that is not of files: programs' own, which no other browser could share. */
  ownMemoryBytes: number | null;
  /** User and system, since each of them began. */
  cpuSeconds: number;
}

/** A browser and its helpers; see proc(5). Linux only: elsewhere there are none. */
export function useOfGroup(group: number): Use {
  return useOf(pids().filter((pid) => Number(statOf(pid)[2]) === group));
}

export function useOf(processes: readonly number[]): Use {
  const use: Use = {
    processes: processes.length,
    memoryBytes: 0,
    ownMemoryBytes: 0,
    cpuSeconds: 0,
  };
  for (const pid of processes) {
    const fields = statOf(pid);
    // `utime` and `stime`, in hundredths of a second: fields 14 and 15, these begin with 3.
    use.cpuSeconds += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
    const memory = readOrNull(`/proc/${pid}/smaps_rollup`);
    use.memoryBytes = plus(use.memoryBytes, memory, /^Pss:\s+(\d+) kB$/gm);
    use.ownMemoryBytes = plus(use.ownMemoryBytes, memory, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm);
  }
  return use;
}

function plus(sum: number | null, text: string | null, line: RegExp): number | null {
  const found = [...(text?.matchAll(line) ?? [])];
  if (sum === null || found.length === 0) return null;
  return found.reduce((all, [, kilobytes]) => all + Number(kilobytes) * 1024, sum);
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** From the third field on; none when there is no such process any more. */
function statOf(pid: number): string[] {
  const stat = readOrNull(`/proc/${pid}/stat`);
  // The name of the program, second and in brackets, may itself have spaces and brackets.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
