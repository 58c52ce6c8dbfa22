/** What the command has to say; each kind of output shows it in its own way. */
export type Report =
  | { event: 'starting'; session: string }
  | { event: 'qr'; qr: string; validMs: number }
  | { event: 'code'; code: string }
  | { event: 'change_state'; state: string }
  | { event: 'authenticated' }
  | { event: 'loading_screen'; percent: number }
  | { event: 'ready'; account: string; name: string }
  | { event: 'message'; from: string; body: string }
  | { event: 'disconnected'; reason: string }
  | { event: 'auth_failure'; message: string }
  | { event: 'restarting'; inMs: number }
  | { event: 'stopping' }
  | { event: 'stopped' }
  | { event: 'error'; code: string; message: string }
  /** A line of the demo's story. */
  | { event: 'story'; text: string };

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
