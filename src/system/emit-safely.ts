/** A listener that throws is the user's error: it must not disturb what we are at. */
export function emitSafely(
  emitter: { emit(event: string, ...args: unknown[]): unknown },
  event: string,
  args: readonly unknown[],
): void {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}
