export type Level = 'info' | 'warn' | 'error';

export type LogFields = Record<string, unknown>;

/** What the server has to say to whoever runs it. */
export interface Log {
  write(level: Level, event: string, fields?: LogFields): void;
}

export const SILENT: Log = { write: () => undefined };
