import type { Log } from '../server/log/log.js';
import { reportWarnings } from './report-warnings.js';

/** Has Holdfast's warnings written to the log. @returns a function that undoes it */
export function logWarnings(log: Log): () => void {
  return reportWarnings({
    say: (report) => {
      if (report.event !== 'warning') return;
      const { code, message } = report;
      log.write('warn', 'warning', { code, message });
    },
    close: () => undefined,
  });
}
