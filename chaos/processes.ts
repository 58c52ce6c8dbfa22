import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  parent: number;
  group: number;
  command: string;
}

/** All processes that are not yet dead. */
export function listProcesses(): RunningProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || /^[ZX]?$/.test(state)) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    return [{ pid, parent: Number(parent), group: Number(group), command }];
  });
}

/** The groups of the browsers that a process has started and that still run. */
export function browserGroupsOf(parent: number): number[] {
  return listProcesses()
    .filter((each) => each.parent === parent && each.group === each.pid)
    .map(({ group }) => group);
}

export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
