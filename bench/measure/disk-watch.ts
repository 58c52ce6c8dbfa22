import { diskUsage } from './files.js';

const SAMPLE_EVERY_MS = 40;

/** Follows how much a folder takes on disk while something happens. */
export class DiskWatch {
  readonly #before: number;
  #peak: number;
  readonly #sampling: ReturnType<typeof setInterval>;

  constructor(private readonly folder: string) {
    this.#before = diskUsage(folder);
    this.#peak = this.#before;
    this.#sampling = setInterval(() => this.#look(), SAMPLE_EVERY_MS);
  }

  /** Ends it; the most that was taken above what there was at the start. */
  stop(): number {
    clearInterval(this.#sampling);
    this.#look();
    return this.#peak - this.#before;
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, diskUsage(this.folder));
  }
}
