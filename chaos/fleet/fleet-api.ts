import type { SessionView, WorkerView } from '../../src/fleet/session-view.js';
import type { ServeProcess } from './serve-process.js';

const REQUEST_PATIENCE_MS = 10_000;

/** The fleet's API, asked at whichever worker answers. */
export class FleetApi {
  readonly #workers: () => readonly ServeProcess[];
  readonly #token: string;

  constructor(workers: () => readonly ServeProcess[], token: string) {
    this.#workers = workers;
    this.#token = token;
  }

  async sessions(): Promise<SessionView[]> {
    const { sessions } = await this.#ask<{ sessions: SessionView[] }>('/api/v1/sessions');
    return sessions;
  }

  async workers(): Promise<WorkerView[]> {
    const { workers } = await this.#ask<{ workers: WorkerView[] }>('/api/v1/workers');
    return workers;
  }

  add(id: string): Promise<SessionView> {
    return this.#ask('/api/v1/sessions', { id });
  }

  /** The QR's text; rejects when none is shown. */
  async qr(id: string): Promise<string> {
    const { qr } = await this.#ask<{ qr: string }>(`/api/v1/sessions/${id}/qr`);
    return qr;
  }

  /** Whether this worker has its place in the fleet. */
  async isReady({ address }: ServeProcess): Promise<boolean> {
    const signal = AbortSignal.timeout(REQUEST_PATIENCE_MS);
    const answer = await fetch(`${address}/readyz`, { signal }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true;
  }

  /** @throws what the last one said, when none has answered well */
  async #ask<T>(path: string, body?: object): Promise<T> {
    let refusal: unknown = new Error('no worker is there to be asked');
    for (const worker of this.#workers()) {
      if (!worker.isActive) continue;
      try {
        return await this.#askOne(worker, path, body);
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  async #askOne<T>({ address }: ServeProcess, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${address}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_PATIENCE_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
}
