import { HoldfastError } from '../../errors.js';
import { warn } from '../../system/warn.js';
import type { StrategyClient } from '../auth-strategy.js';
import { tell } from './events.js';

/** The end of a session's use because another process has it, or is to have it. */
export class LeaseLoss {
  /** Nothing may be saved any more. */
  isLost = false;
  readonly #client: StrategyClient;
  readonly #session: string;

  constructor(client: StrategyClient, session: string) {
    this.#client = client;
    this.#session = session;
  }

  /** Another process asks for the session, and gets it once it is saved. */
  giveWay(): void {
    this.#close(() => {
      const error = new HoldfastError(
        'LEASE_LOST',
        `Another process has asked for the session ${this.#session}; it was saved and released.`,
      );
      this.#tellOf(error);
    });
  }

  /** Another process has the session, or may have it from now on: nothing of it is used any more. */
  giveUp(error: HoldfastError): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#tellOf(error);
    this.#close(() => undefined);
  }

  #tellOf(error: HoldfastError): void {
    tell(this.#client, 'lease_lost', { session: this.#session, error });
  }

  #close(onClosed: () => void): void {
    this.#client.destroy().then(
      () => {
        onClosed();
        tell(this.#client, 'disconnected', 'LEASE_LOST');
      },
      ({ message }: Error) => warn('END_FAILED', `The session did not end well: ${message}`),
    );
  }
}
