import path from 'node:path';

/** The repository; `npm run` starts everything there, and this code is compiled to elsewhere. */
export const root = process.cwd();

/** What is kept between runs, and where a run works: both on one disk. */
export const cache = path.join(root, 'node_modules', '.cache', 'holdfast', 'bench');

/** A script that runs in a process of its own, as compiled. */
export function workerScript(name: string): string {
  return path.join(__dirname, 'workers', `${name}.js`);
}
