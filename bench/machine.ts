import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from './built.js';
import { root } from './paths.js';

/** What a figure depends on, beside the code. */
export interface Machine {
  date: string;
  commandLine: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Processes that wanted to run in the minute before: well below the cores, or others disturb. */
  loadBefore: number;
  system: string;
  node: string;
  chromium: string;
  holdfast: string;
  whatsappWebJs: string;
  wwebjsMongo: string;
  wwebjsAwsS3: string;
  restic: string | null;
}

export function describeMachine(commandLine: readonly string[]): Machine {
  const [cpu] = os.cpus();
  return {
    date: new Date().toISOString(),
    commandLine: ['npm run bench --', ...commandLine].join(' '),
    cpu: cpu?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    loadBefore: os.loadavg()[0] ?? 0,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    chromium: firstLineOf(chromium, ['--version']) ?? 'unknown',
    holdfast:
      `${versionOf('package.json')} ${firstLineOf('git', ['describe', '--always', '--dirty']) ?? ''}`.trim(),
    whatsappWebJs: versionOf('node_modules/whatsapp-web.js/package.json'),
    wwebjsMongo: versionOf('node_modules/wwebjs-mongo/package.json'),
    wwebjsAwsS3: versionOf('node_modules/wwebjs-aws-s3/package.json'),
    restic: firstLineOf('restic', ['version']),
  };
}

function versionOf(packageFile: string): string {
  return JSON.parse(readFileSync(path.join(root, packageFile), 'utf8')).version;
}

function firstLineOf(program: string, args: string[]): string | null {
  try {
    const options: ExecFileSyncOptions = { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] };
    return (
      String(execFileSync(program, args, options))
        .trim()
        .split('\n')[0] ?? null
    );
  } catch {
    return null;
  }
}
