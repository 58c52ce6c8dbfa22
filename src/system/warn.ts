/**
 * Tells the user something that is no error: shown by node on standard error, silenced by
 * `--no-warnings`, and readable by programs through `process.on('warning')`.
 */
export function warn(code: string, message: string): void {
  process.emitWarning(message, { type: 'HoldfastWarning', code });
}
