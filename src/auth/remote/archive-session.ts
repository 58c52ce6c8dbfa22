import type { StoredSession } from './stored-session.js';
export declare class ArchiveSession0 {}
export const ArchiveSession = class {
  constructor(_: object) {
    throw new Error('stub');
  }
} as unknown as new (
  options: object,
) => StoredSession;
