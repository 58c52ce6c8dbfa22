import { pino } from 'pino';
import type { FleetEvents } from '../../fleet/fleet-events.js';
import type { Level, Log, LogFields } from './log.js';
import { redact, redactText } from './redact.js';
import { textLine } from './text-line.js';

export interface LogOptions {
  /** `text`: lines for people. `json`: an object on each line. */
  format: 'text' | 'json';
  /** Takes whole lines. */
  write(line: string): void;
}

interface LoggedFleet {
  on(event: 'log', listener: (...payload: FleetEvents['log']) => void): unknown;
}

/** Entries as lines, without anything that is not for a log. */
export function createLog({ format, write }: LogOptions): Log {
  const writeEntry = format === 'json' ? jsonWriter(write) : textWriter(write);
  return {
    write(level, event, fields = {}) {
      writeEntry(level, redactText(event), redact(fields));
    },
  };
}

/** Writes what the fleet has to say. */
export function logFleet(fleet: LoggedFleet, log: Log): void {
  fleet.on('log', ({ level, event, ...fields }) => log.write(level, event, fields));
}

type WriteEntry = (level: Level, event: string, fields: LogFields) => void;

function jsonWriter(write: (line: string) => void): WriteEntry {
  const logger = pino(
    {
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return (level, event, fields) => logger[level]({ event, ...fields });
}

function textWriter(write: (line: string) => void): WriteEntry {
  return (level, event, fields) => write(textLine(new Date(), level, event, fields));
}
