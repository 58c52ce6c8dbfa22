import type { PageEvent } from '../page-events.js';

/**
 * The functions of this folder run inside WhatsApp's page. They are sent there as source text, so
 * each must stand alone: types may be imported, nothing else.
 */
export type PageWindow = Window & {
  require?(name: string): unknown;
  /** The page's version, once it has booted. */
  Debug?: { VERSION?: string };
};

export type Report = (event: PageEvent) => void;

/** A model or collection of the page; its handlers differ in their arguments. */
export interface Emitter {
  // biome-ignore lint/suspicious/noExplicitAny: the page's own handlers take anything.
  on(event: string, handler: (...args: any[]) => void): void;
}

export interface SocketModel extends Emitter {
  state: string;
  hasSynced: boolean;
  logout(): unknown;
  takeover(): unknown;
}

export interface PageModules {
  /**
   * A module, or a member of one by its dotted path.
   * Throws an error whose message is `PAGE_CHANGED:<path>` when the page does not have it.
   */
  need<T>(path: string): T;
  /** The same, but undefined when the page does not have it. */
  find<T>(path: string): T | undefined;
  /** Calls a function of the page by its dotted path. Throws as `need` does. */
  call<T>(path: string, ...given: unknown[]): T;
  socket(): SocketModel;
  /** The version of WhatsApp Web, or null while it has not booted. */
  version(): string | null;
}
