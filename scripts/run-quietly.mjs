import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Runs a program to its end and gives what it wrote to stdout. All of its output is in the error
 * when it fails. SIGINT and SIGTERM of this process end it too.
 */
export function runQuietly(program, programArguments, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout = [];
    const output = [];
    child.stdout.on('data', (data) => stdout.push(data));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => output.push(data));
    }

    const passOn = (signal) => child.kill(signal);
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    const stopPassing = () => process.off('SIGINT', passOn).off('SIGTERM', passOn);

    child.once('error', (error) => {
      stopPassing();
      reject(new Error(`${program} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      stopPassing();
      if (code === 0) return resolve(Buffer.concat(stdout).toString());
      const line = [program, ...programArguments].join(' ');
      const end = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(new Error(`${Buffer.concat(output)}\n"${line}" ${end}; its output is above.`));
    });
  });
}

/** npm is a script: started by node itself it needs no shell, also on Windows. */
export function runNpm(folder, npmArguments) {
  const script = npmScript();
  return script === undefined
    ? runQuietly('npm', npmArguments, { cwd: folder, shell: process.platform === 'win32' })
    : runQuietly(process.execPath, [script, ...npmArguments], { cwd: folder });
}

function npmScript() {
  const nodeFolder = dirname(process.execPath);
  return [
    process.env.npm_execpath,
    join(nodeFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => path !== undefined && basename(path) === 'npm-cli.js' && existsSync(path));
}
