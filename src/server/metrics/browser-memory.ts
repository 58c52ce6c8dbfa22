import { Gauge, type Registry } from 'prom-client';
import type { MeteredFleet } from './metered-fleet.js';
import { measureGroups } from './process-memory.js';

export const SAMPLE_MS = 30_000;

/** Looks at the browsers' memory from time to time, never while somebody waits for the metrics. */
export class BrowserMemory {
  readonly #fleet: MeteredFleet;
  readonly #measure: typeof measureGroups;
  readonly #gauge: Gauge<'session'>;
  readonly #timer: NodeJS.Timeout;
  readonly #forget = (id: string) => this.#gauge.remove({ session: id });
  #sampling: Promise<void> | null = null;

  constructor(fleet: MeteredFleet, registry: Registry, measure = measureGroups) {
    this.#fleet = fleet;
    this.#measure = measure;
    this.#gauge = new Gauge({
      name: 'holdfast_browser_memory_bytes',
      help: "Memory of a session's browser with all its processes (PSS), every 30 seconds; Linux only.",
      labelNames: ['session'],
      registers: [registry],
    });
    fleet.on('released', this.#forget);
    this.#timer = setInterval(() => void this.sample(), SAMPLE_MS).unref();
  }

  /** Never two at once. */
  sample(): Promise<void> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = null;
    });
    return this.#sampling;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#fleet.off('released', this.#forget);
  }

  async #sample(): Promise<void> {
    const pids = new Map<string, number>();
    for (const { id, browserPid } of this.#fleet.held()) {
      if (browserPid === null) this.#forget(id);
      else pids.set(id, browserPid);
    }
    const bytes = await this.#measure(new Set(pids.values()));
    for (const [id, pid] of pids) {
      const found = bytes.get(pid);
      // It may have been released, or started anew, meanwhile.
      const isStillIts = this.#fleet
        .held()
        .some((held) => held.id === id && held.browserPid === pid);
      if (found === undefined || !isStillIts) this.#forget(id);
      else this.#gauge.set({ session: id }, found);
    }
  }
}
