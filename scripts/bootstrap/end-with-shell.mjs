const lookEveryMs = 250;

/**
 * Ends this process, as SIGTERM does, when npm has been ended. npm starts a shell that starts this
 * process, and passes SIGTERM on to the shell alone; dash does not pass it further. Without this,
 * ending `npm start` would leave it running. (On Windows there is nothing to see, and no need.)
 */
export function endWithShell() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, lookEveryMs);
  watch.unref();
}
