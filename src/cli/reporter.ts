import type { SessionSaved } from '../auth/remote/events.js';
import type { AdoptedSession } from '../snapshot/archive/adopt-session.js';
import type { LeaseHolder } from '../snapshot/lease/lease-held-error.js';
import type { ErrorReport } from './exit-codes.js';
import type { SkippedReport } from './skipped-snapshots.js';

/** What the command has to say; each kind of output shows it in its own way. */
export type Report =
  /** `keptIn`: the URL of a store without its secrets, or a folder of this machine. */
  | { event: 'starting'; session: string; keptIn: string }
  | { event: 'warning'; code: string; message: string }
  | { event: 'qr'; qr: string; validMs: number }
  | { event: 'code'; code: string }
  | { event: 'change_state'; state: string }
  | { event: 'authenticated' }
  | { event: 'loading_screen'; percent: number }
  | { event: 'ready'; account: string; name: string }
  | { event: 'message'; from: string; body: string }
  | { event: 'disconnected'; reason: string }
  | { event: 'auth_failure'; message: string }
  | ({ event: 'session_saved'; keptIn: string } & SessionSaved)
  | SaveFailedReport
  | RestoredReport
  | ({ event: 'session_adopted' } & AdoptedSession)
  | { event: 'lease_waiting'; session: string; holder: LeaseHolder }
  | { event: 'lease_lost'; session: string; error: ErrorReport }
  | { event: 'restarting'; inMs: number }
  | { event: 'stopping' }
  | { event: 'stopped' }
  | { event: 'error'; code: string; message: string }
  /** A line of the demo's story. */
  | { event: 'story'; text: string };

export interface SaveFailedReport {
  event: 'session_save_failed';
  session: string;
  error: ErrorReport;
  nextTryMs: number | null;
}

export type RestoredReport = {
  event: 'session_restored';
  session: string;
  durationMs: number;
  browserVersion: string | null;
} & (
  | { from: 'disk' }
  | {
      from: 'store';
      keptIn: string;
      sequence: number;
      savedAt: string | null;
      bytes: number;
      bytesFetched: number;
      skipped: SkippedReport[];
    }
);

export interface Reporter {
  say(report: Report): void;
  /** Leaves nothing behind that moves. */
  close(): void;
}

/** One JSON object a line, for programs. */
export class JsonReporter implements Reporter {
  say(report: Report): void {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...report })}\n`);
  }

  close(): void {}
}
