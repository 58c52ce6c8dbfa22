import { formatBytes, formatDuration } from './format.js';
import type { Report } from './reporter.js';

type SaveReport = Extract<Report, { event: 'session_saved' | 'session_save_failed' }>;

/**
 * What people are told of saves, of which there may be one a second: the first one of a start, that
 * they fail, that they work again, and the last one.
 */
export class SaveSentences {
  #hasSaved = false;
  #isFailing = false;

  onStart(): void {
    this.#hasSaved = false;
    this.#isFailing = false;
  }

  /** Null when it is nothing new. */
  of(report: SaveReport): string | null {
    return report.event === 'session_saved' ? this.#ofSaved(report) : this.#ofFailed(report);
  }

  #ofSaved(report: Extract<Report, { event: 'session_saved' }>): string | null {
    const { bytesSent, durationMs, reason, keptIn } = report;
    const figures = `${formatBytes(bytesSent)} in ${formatDuration(durationMs)}`;
    const isFirst = !this.#hasSaved;
    const worksAgain = this.#isFailing;
    this.#hasSaved = true;
    this.#isFailing = false;
    if (isFirst) return `Saved: ${figures}. The login comes back from ${keptIn} on an empty disk.`;
    if (worksAgain) return `Saving works again: ${figures}.`;
    return reason === 'closed' ? `Saved to the last: ${figures}.` : null;
  }

  #ofFailed(report: Extract<Report, { event: 'session_save_failed' }>): string | null {
    const { error, nextTryMs } = report;
    if (nextTryMs === null) {
      return `Error ${error.code}: the last save failed. ${error.message} The save before stands.`;
    }
    if (this.#isFailing) return null;
    this.#isFailing = true;
    return (
      `Error ${error.code}: not saved. ${error.message} ` +
      `Tried again in ${formatDuration(nextTryMs)}, and from then on until it works.`
    );
  }
}
