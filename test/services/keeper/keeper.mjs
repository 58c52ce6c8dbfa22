// Runs the processes of one service, in a folder of its own. When its stdin closes it ends them all
// and removes the folder. The pipe closes however its parent ended, kill -9 included; so nothing of
// a service outlives the program that asked for it.
//
//   node keeper.mjs FOLDER
//
// A line of stdin, {"start": …}, starts a process; a line of stdout tells what became of one.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const patienceMs = 5_000;
const folder = process.argv[2];
const running = new Map();

// Whoever listened may be gone: then the end is near, but it is the end of stdin that says so.
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end());

mkdirSync(folder, { recursive: true, mode: 0o700 });
createInterface({ input: process.stdin })
  .on('line', (line) => start(JSON.parse(line)))
  .on('close', () => void end());
tell({ ready: true });

function start({ id, program, args, env, user, log, stopSignal }) {
  const output = openSync(log, 'a');
  const child = spawn(program, args, {
    cwd: folder,
    env,
    ...user,
    // A group of its own: the terminal's Ctrl-C is not for it, and its children end with it.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      running.delete(id);
      tell({ id, ended: error.message });
      resolve();
    });
    child.once('exit', (code, signal) => {
      running.delete(id);
      tell({ id, ended: signal ?? code });
      resolve();
    });
  });
  if (child.pid !== undefined) running.set(id, { child, exited, stopSignal });
}

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await Promise.all([...running.values()].map(stop));
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.exit();
}

async function stop({ child, exited, stopSignal }) {
  const lastResort = setTimeout(() => killGroup(child), patienceMs);
  if (stopSignal === 'SIGKILL') killGroup(child);
  else child.kill(stopSignal);
  await exited;
  clearTimeout(lastResort);
}

function killGroup(child) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
