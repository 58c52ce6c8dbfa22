import { spawn } from 'node:child_process';
import { cpuOfEndedChildren, peakMemory } from './process-status.js';
import type { Cost } from './work.js';

const SAMPLE_EVERY_MS = 5;

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and measures it; rejects with what it wrote when it fails. */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env }: CommandOptions = {},
): Promise<{ cost: Cost; output: string }> {
  const cpuBefore = cpuOfEndedChildren();
  const before = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let memoryBytes: number | null = null;
  const sample = () => {
    const peak = child.pid === undefined ? null : peakMemory(child.pid);
    memoryBytes = peak ?? memoryBytes;
  };
  sample();
  const sampling = setInterval(sample, SAMPLE_EVERY_MS);
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearInterval(sampling);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearInterval(sampling);
      const wallMs = performance.now() - before;
      if (code !== 0) {
        const said = Buffer.concat(errors).toString().trim().split('\n').slice(-3).join(' / ');
        return reject(new Error(`${program} ended with ${signal ?? code}: ${said}`));
      }
      const cpuAfter = cpuOfEndedChildren();
      const isTold = cpuBefore !== null && cpuAfter !== null;
      const cpuSeconds = isTold ? cpuAfter - cpuBefore : null;
      resolve({
        cost: { wallMs, cpuSeconds, memoryBytes },
        output: Buffer.concat(output).toString(),
      });
    });
  });
}
