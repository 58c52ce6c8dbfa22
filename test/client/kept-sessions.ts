import path from 'node:path';
import { expect } from 'vitest';
import {
  type ClientOptions,
  LocalAuth,
  type StandIn,
  type StartedClient,
  startClient,
  TEMPORARY,
} from './support.js';

/** Sessions that are kept in folders of this test file's. */
export class KeptSessions {
  readonly #standIn: () => StandIn;
  #lastDataPath = 0;

  /** @param standIn asked for at each start: tests make it after this */
  constructor(standIn: () => StandIn) {
    this.#standIn = standIn;
  }

  readonly newDataPath = (): string => path.join(TEMPORARY, `data-${++this.#lastDataPath}`);

  readonly start = (dataPath: string, options: ClientOptions = {}): StartedClient =>
    startClient(this.#standIn(), { authStrategy: new LocalAuth({ dataPath }), ...options });

  readonly expectStillLinked = async (dataPath: string): Promise<void> => {
    const again = this.start(dataPath);
    await again.log.until('ready');
    expect(again.log.of('qr')).toEqual([]);
    await again.client.destroy();
  };
}
