import type { PageEvent } from '../whatsapp/page-events.js';
import { isBlocked, isUndecided, isUnpaired, type WAState } from '../whatsapp/states.js';

/** What follows from something that happened in the page. */
export type ConnectionStep =
  | { do: 'show_state'; state: WAState }
  /** The page is not linked: offer a QR or a pairing code. */
  | { do: 'offer_link' }
  | { do: 'authenticated' }
  | { do: 'ready' }
  /** A linked page says that it is unpaired: either an unlink follows, or it passes. */
  | { do: 'doubt' }
  | { do: 'trust' }
  | { do: 'conflict' }
  | { do: 'give_up'; state: WAState }
  | { do: 'unlinked' };

/**
 * The connection of one browser, as a state machine: what the page reports goes in, what is to be
 * done comes out. Only a logout that the page itself announces counts as an unlink; every other
 * state leaves the session alone.
 */
export class Connection {
  #state: WAState | null = null;
  #isLinked = false;
  #isReady = false;
  #isOffered = false;
  #isDoubted = false;
  #isUnlinked = false;

  /** True once the page knows whether it is linked. */
  get isDecided(): boolean {
    return this.#isLinked || (this.#state !== null && !isUndecided(this.#state));
  }

  get isUnpaired(): boolean {
    return this.#state !== null && isUnpaired(this.#state) && !this.#isLinked;
  }

  get isLinked(): boolean {
    return this.#isLinked;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get state(): WAState | null {
    return this.#state;
  }

  handle(event: PageEvent): ConnectionStep[] {
    if (this.#isUnlinked) return [];
    switch (event.type) {
      case 'attached': {
        // A new document: whatever was offered or synced in the old one is gone with it.
        this.#isOffered = false;
        this.#isReady = false;
        const steps = this.#enter(event.state);
        if (event.synced && !isUnpaired(event.state)) steps.push(...this.#sync());
        return steps;
      }
      case 'state':
        return event.state === this.#state ? [] : this.#enter(event.state);
      case 'synced':
        if (event.synced) return this.#sync();
        this.#isReady = false;
        return [];
      case 'logout':
        this.#isUnlinked = true;
        return [{ do: 'unlinked' }];
      default:
        return [];
    }
  }

  #enter(state: WAState): ConnectionStep[] {
    const isChange = this.#state !== null && this.#state !== state;
    const steps: ConnectionStep[] = isChange ? [{ do: 'show_state', state }] : [];
    this.#state = state;
    if (isUnpaired(state)) {
      if (this.#isLinked) {
        this.#isDoubted = true;
        steps.push({ do: 'doubt' });
      } else if (!this.#isOffered) {
        this.#isOffered = true;
        steps.push({ do: 'offer_link' });
      }
      return steps;
    }
    if (this.#isDoubted) {
      this.#isDoubted = false;
      steps.push({ do: 'trust' });
    }
    if (state === 'CONNECTED') steps.push(...this.#link());
    if (state === 'CONFLICT') steps.push({ do: 'conflict' });
    if (isBlocked(state)) steps.push({ do: 'give_up', state });
    return steps;
  }

  #link(): ConnectionStep[] {
    this.#isOffered = false;
    if (this.#isLinked) return [];
    this.#isLinked = true;
    return [{ do: 'authenticated' }];
  }

  #sync(): ConnectionStep[] {
    if (this.#isReady) return [];
    this.#isReady = true;
    return [...this.#link(), { do: 'ready' }];
  }
}
