export interface RedisCommand {
  /** By which a cluster is asked: all of a command's keys are on one server. */
  firstKey: string;
  args: (string | Buffer)[];
}

/** Takes commands to a server; texts in replies are Buffers. */
export interface RedisConnection {
  send(command: RedisCommand, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** One client library. Nothing is sent before its connection is there. */
export interface RedisAdapter {
  /**
   * Resolves when a command would be sent at once, and rejects when the next attempt to connect has
   * failed: what a library keeps until it is connected again, would be done when nobody expects it
   * any more.
   */
  ready(): Promise<void>;
  send(command: RedisCommand): Promise<unknown>;
}
