import type { SkippedSnapshot } from '../snapshot/restore/restore-session.js';
import { type ErrorReport, errorReport } from './exit-codes.js';
import { formatTime } from './format.js';

/** A newer snapshot that was passed over, since it does not open. */
export interface SkippedReport {
  sequence: number;
  savedAt: string;
  error: ErrorReport;
}

export function skippedReports(skipped: readonly SkippedSnapshot[]): SkippedReport[] {
  return skipped.map(({ error, ...snapshot }) => ({ ...snapshot, error: errorReport(error) }));
}

export function skippedLines(skipped: readonly SkippedReport[]): string[] {
  return skipped.map(
    ({ sequence, savedAt, error }) =>
      `Passed over snapshot ${sequence} of ${formatTime(savedAt)}, which is damaged: ${error.message}`,
  );
}
