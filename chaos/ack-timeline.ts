import type { Device } from '../src/standin/index.js';

const SAMPLE_MS = 10;
const KEPT = 60_000;

/** When a device has acknowledged which update: to say how old what it lost was. */
export class AckTimeline {
  readonly #samples: { at: number; acked: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(device: Device) {
    this.#timer = setInterval(() => {
      if (this.#samples.at(-1)?.acked === device.acked) return;
      this.#samples.push({ at: Date.now(), acked: device.acked });
      if (this.#samples.length > KEPT) this.#samples.shift();
    }, SAMPLE_MS);
  }

  /** When the first update after `index` was acknowledged. */
  whenPassed(index: number): number | null {
    return this.#samples.find(({ acked }) => acked > index)?.at ?? null;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
