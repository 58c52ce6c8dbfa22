export type Role = 'admin' | 'viewer';

/** Who asks. */
export interface Caller {
  role: Role;
  /** `peer`: another worker passes it on. */
  by: 'token' | 'cookie' | 'peer';
  /** When its cookie runs out, in milliseconds since 1970. */
  expiresAt: number | null;
}

export function mayAct(role: Role, needed: Role): boolean {
  return role === 'admin' || role === needed;
}
