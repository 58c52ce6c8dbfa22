import type { Role } from './live/api.js';
import type { SessionStore } from './live/session-store.js';

/** What the views and dialogs of a logged-in page share. */
export interface App {
  readonly role: Role;
  readonly store: SessionStore;
}

/** What is shown at one address. */
export interface View {
  readonly node: HTMLElement;
  readonly title: string;
  /** Ends its listeners and timers. */
  end(): void;
}
