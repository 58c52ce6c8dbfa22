import { nodeFiles, type ProfileFiles } from '../../../src/profile/capture/profile-files.js';

type Call = keyof ProfileFiles;

/** Called before each call of the file system; may change the disk, or throw in the call's place. */
export type Script = (call: Call, path: string, times: number) => Promise<void> | void;

/** The real file system, with a script that runs before each call. */
export function scriptedFiles(script: Script): ProfileFiles {
  const counts = new Map<string, number>();
  const scripted: Partial<Record<Call, unknown>> = {};
  for (const call of Object.keys(CALLS) as Call[]) {
    const real = nodeFiles[call] as (...args: unknown[]) => Promise<unknown>;
    scripted[call] = async (...args: unknown[]) => {
      const path = String(args[0]).replaceAll('\\', '/');
      const times = (counts.get(`${call} ${path}`) ?? 0) + 1;
      counts.set(`${call} ${path}`, times);
      await script(call, path, times);
      return real(...args);
    };
  }
  return scripted as ProfileFiles;
}

const CALLS: Record<Call, true> = {
  copyFile: true,
  link: true,
  mkdir: true,
  open: true,
  readdir: true,
  readFile: true,
  rm: true,
  stat: true,
};

export function fault(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}
