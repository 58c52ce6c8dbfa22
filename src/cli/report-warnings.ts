import type { Reporter } from './reporter.js';

/**
 * Has Holdfast's warnings said by the reporter, each once, in place of by node on standard error.
 *
 * @returns a function that undoes it
 */
export function reportWarnings(reporter: Reporter): () => void {
  const said = new Set<string>();
  const onWarning = (warning: Error & { code?: string }) => {
    const { name, code = '', message, stack } = warning;
    if (name !== 'HoldfastWarning') {
      process.stderr.write(`${stack}\n`);
      return;
    }
    if (said.has(message)) return;
    said.add(message);
    reporter.say({ event: 'warning', code, message });
  };
  const before = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', onWarning);
  return () => {
    process.off('warning', onWarning);
    for (const listener of before) process.on('warning', listener);
  };
}
