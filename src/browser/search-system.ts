import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';

/** What the search for a browser asks of the machine it runs on. */
export interface SearchSystem {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** True for a file this user may run. */
  isExecutable(path: string): boolean;
  /** The first bytes of a file as text; empty if it cannot be read. */
  readStart(path: string): string;
  /** The names in a folder; empty if it cannot be read. */
  namesIn(folder: string): string[];
}

const startLength = 4096;

/** The machine this process runs on. */
export function thisSystem(): SearchSystem {
  return {
    platform: process.platform,
    architecture: process.arch,
    environment: process.env,
    homeDirectory: homedir(),
    isExecutable,
    readStart,
    namesIn,
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readStart(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(startLength);
      return start.toString('latin1', 0, readSync(file, start, 0, startLength, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
