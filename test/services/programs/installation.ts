import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** What a server consists of, wherever it comes from. */
export interface ProgramSet {
  /** As people call it. */
  title: string;
  /** All of them are needed. Each is asked for its `--version`, to see that it runs. */
  programs: string[];
  /** Debian's and Ubuntu's packages that hold them. */
  packages: string[];
  /** Which of them, and of what comes along, the programs do without. */
  withoutPackages?: RegExp;
  /** Folders below a root, beyond the PATH, where they may lie; the first that fits is taken. */
  folders?: (root: string) => string[];
}

/** Programs that run here. */
export interface Installation {
  /** The path of each by its name. */
  paths: Map<string, string>;
  env: NodeJS.ProcessEnv;
  /** The folder that they take for `/`, when they were unpacked for us. */
  root?: string;
}

export function programOf(installation: Installation, name: string): string {
  const program = installation.paths.get(name);
  if (program === undefined) throw new Error(`"${name}" is not in its program set.`);
  return program;
}

/** Throws when one of the programs is missing from these folders, or does not run. */
export async function findPrograms(
  names: string[],
  folders: string[],
  env: NodeJS.ProcessEnv,
): Promise<Installation> {
  const paths = new Map<string, string>();
  for (const name of names) {
    const file = folders.map((folder) => path.join(folder, name)).find(isExecutable);
    if (file === undefined) throw new Error(`${name} is missing`);
    paths.set(name, file);
  }
  await Promise.all([...paths.values()].map((file) => ensureRuns(file, env)));
  return { paths, env };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program that cannot be loaded says nothing of `--version`; one that does not know it does. */
async function ensureRuns(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await promisify(execFile)(file, ['--version'], { env, timeout: 30_000 });
  } catch (error) {
    const complaint = String((error as { stderr?: string }).stderr).trim();
    if (complaint.includes('unsupported argument')) return;
    throw new Error(`${path.basename(file)} does not run: ${complaint}`, { cause: error });
  }
}
