import type { SessionView, WorkerView } from '../../fleet/session-view.js';
import type { Log } from '../log/log.js';
import type { PeerClient } from '../peers/peer-client.js';
import type { DirectoryEvents } from './directory-events.js';
import { PeerMirror } from './peer-mirror.js';

export interface PeerListeners {
  /** What a worker tells of a session has changed. */
  onSession(id: string): void;
  /** Whether a worker can be reached, or much of what it tells, has changed. */
  onChange(): void;
  onHappening(...payload: DirectoryEvents['happening']): void;
  onMessage(...payload: DirectoryEvents['message']): void;
}

/** What the other workers tell of the sessions that they hold. */
export class PeerMirrors {
  readonly #client: PeerClient;
  readonly #ownId: () => string;
  readonly #log: Log;
  readonly #mirrors = new Map<string, PeerMirror>();

  constructor(client: PeerClient, ownId: () => string, log: Log) {
    this.#client = client;
    this.#ownId = ownId;
    this.#log = log;
  }

  /** @param workers those that live now */
  follow(workers: readonly WorkerView[], listeners: PeerListeners): void {
    const others = workers.filter(({ id }) => id !== this.#ownId());
    for (const [id, mirror] of this.#mirrors) {
      if (others.some((worker) => worker.id === id && worker.address === mirror.address)) continue;
      mirror.stop();
      this.#mirrors.delete(id);
    }
    for (const worker of others) {
      if (this.#mirrors.has(worker.id)) continue;
      this.#mirrors.set(worker.id, new PeerMirror(worker, this.#client, listeners, this.#log));
    }
  }

  /** @param unheld what is known of it besides */
  describe(holder: WorkerView, unheld: SessionView): SessionView {
    const mirror = this.#mirrors.get(holder.id);
    const told = mirror?.view(unheld.id);
    if (told !== undefined) return told;
    const { id, address, host } = holder;
    const since = mirror?.unreachableSince ?? null;
    const alerts = since === null ? [] : [unreachable(holder, since)];
    return { ...unheld, worker: { id, address, host }, alerts: [...unheld.alerts, ...alerts] };
  }

  stop(): void {
    for (const mirror of this.#mirrors.values()) mirror.stop();
    this.#mirrors.clear();
  }
}

function unreachable({ host, address }: WorkerView, since: string) {
  const message =
    `The worker on ${host} holds it, but cannot be reached at ${address}, so its state is not ` +
    'known here. Look at the log, at --address and at the fleet secret of both.';
  return { code: 'WORKER_UNREACHABLE', message, since };
}
