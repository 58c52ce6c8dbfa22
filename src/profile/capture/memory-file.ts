import type { CapturedFile } from './captured-profile.js';

/** A file whose content was read as a whole: small, or to be stored otherwise than it is on disk. */
export function memoryFile(
  path: string,
  content: Uint8Array,
  stamp: CapturedFile['stamp'],
): CapturedFile {
  return {
    path,
    size: content.length,
    kind: 'changing',
    identity: '',
    stamp,
    read: async (target, position) => {
      target.set(content.subarray(position, position + target.length));
    },
    isSettled: async () => true,
  };
}
