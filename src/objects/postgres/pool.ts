/** What Holdfast needs of a pool of connections: that of `pg` 8, or anything like it. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  /** Gives the connection back; with true, closes it instead. */
  release(destroy?: boolean): void;
}

export interface PostgresQuery {
  text: string;
  values?: unknown[];
  types?: { getTypeParser(): (value: string) => string };
}

export interface PostgresResult {
  rows: Record<string, string | null>[];
  rowCount: number | null;
}

/** Where the pool comes from; one of our own is opened by the first request. */
export interface PoolSource {
  get(): PostgresPool;
  /** Ends a pool of our own. */
  end(): Promise<void>;
}

/** Values as PostgreSQL writes them, whatever parsers the program has set for its own queries. */
export const asWritten = { getTypeParser: () => (value: string) => String(value) };
