import { readFileSync, writeFileSync } from 'node:fs';

/** Most memory a process has had in RAM (bytes), or null where the system does not tell. */
export function peakMemory(pid: number | 'self' = 'self'): number | null {
  return memoryLine(pid, 'VmHWM');
}

/** Memory this process has in RAM now. */
export function memoryNow(): number {
  return process.memoryUsage.rss();
}

/** Lets {@link peakMemory} of this process start from here (Linux 4.0 or newer; see proc(5)). */
export function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the peak is that of the process's whole life: too high, never too low.
  }
}

/**
 * CPU seconds (user and system) of all children of this process that have ended, and of theirs;
 * null where the system does not tell.
 */
export function cpuOfEndedChildren(): number | null {
  const stat = readOrNull('/proc/self/stat');
  // The name of the program, second and in brackets, may itself have spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields) return null;
  // `cutime` and `cstime`, in hundredths of a second: fields 16 and 17, these begin with 3.
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function memoryLine(pid: number | 'self', name: string): number | null {
  const status = readOrNull(`/proc/${pid}/status`);
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
