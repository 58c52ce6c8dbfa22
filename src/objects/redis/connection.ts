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

/** A client of our own, of whichever library. It keeps no command for later. */
export interface OwnClient {
  connect(): Promise<unknown>;
  send(command: RedisCommand): Promise<unknown>;
  /** May be called again, and when it has ended by itself. */
  destroy(): void;
  /** Whether node stays for it. */
  hold(isHeld: boolean): void;
  onLost(lost: (error?: Error) => void): void;
}
