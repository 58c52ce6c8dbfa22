/** What a browser with a session of some years may take. */
const BYTES_OF_A_SESSION = 300 * 1024 * 1024;

/** How many sessions the memory that is free now has room for; at least one. */
export function defaultCapacity(freeBytes: number = process.availableMemory()): number {
  return Math.max(1, Math.floor(freeBytes / BYTES_OF_A_SESSION));
}
