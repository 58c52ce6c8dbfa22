import type { Device, Phone } from '../../src/standin/index.js';
import { AckTimeline } from '../ack-timeline.js';

/** One session of the fleet: its phone, and what the server knows of its login. */
export class FleetSession {
  /** As the store names it. */
  readonly name: string;
  #linked: { device: Device; timeline: AckTimeline } | null = null;

  constructor(
    readonly id: string,
    readonly phone: Phone,
    private readonly traffic: { perSecond: number; bytes: number },
  ) {
    this.name = `RemoteAuth-${id}`;
  }

  get isLinked(): boolean {
    return this.#linked !== null;
  }

  get device(): Device {
    return this.#known.device;
  }

  get timeline(): AckTimeline {
    return this.#known.timeline;
  }

  /** Links the page that shows this QR, and begins to write to it. */
  async scan(qr: string): Promise<void> {
    const device = await this.phone.scan(qr);
    this.#linked = { device, timeline: new AckTimeline(device) };
    device.startTraffic(this.traffic);
  }

  end(): void {
    this.#linked?.timeline.stop();
    this.#linked?.device.unlink();
  }

  get #known(): { device: Device; timeline: AckTimeline } {
    if (this.#linked === null) throw new Error(`${this.id} is not linked`);
    return this.#linked;
  }
}
