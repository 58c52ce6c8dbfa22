/**
 * Like signals, the end of the process is a matter of the whole process: one listener serves all,
 * since node warns of more than ten.
 */
const hooks = new Set<() => void>();

/**
 * Runs `hook`, which must not wait for anything, when this process exits, ahead of listeners that
 * were added before.
 *
 * @returns a function that takes it off again
 */
export function onProcessExit(hook: () => void): () => void {
  if (hooks.size === 0) process.prependListener('exit', runHooks);
  hooks.add(hook);
  return () => {
    hooks.delete(hook);
    if (hooks.size === 0) process.off('exit', runHooks);
  };
}

function runHooks(): void {
  for (const hook of hooks) hook();
}
