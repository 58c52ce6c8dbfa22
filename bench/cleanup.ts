const tasks: (() => void)[] = [];

/** Does this when the process ends, also by a signal; the last one added goes first. */
export function onEnd(task: () => void): void {
  tasks.push(task);
}

/** Makes {@link onEnd} hold for signals, which would end the process without `exit`. */
export function endCleanly(): void {
  process.once('exit', () => {
    for (const task of tasks.reverse()) task();
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
