import { AuthStrategy } from './auth-strategy.js';

/** Keeps nothing: every start is a fresh session, and nothing of it is left on disk. */
export class NoAuth extends AuthStrategy {
  override get isEphemeral(): boolean {
    return true;
  }
}
