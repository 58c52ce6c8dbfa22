import { hostname } from 'node:os';
import type { ObjectStore } from '../../objects/object-store.js';
import { joinWorker, type WorkerShare } from '../../snapshot/lease/join-worker.js';
import { leaseLost, type Worker } from '../../snapshot/lease/worker.js';
import type { Proof } from '../proof.js';
import type { WorkerView } from '../session-view.js';
import { type About, encodeAbout } from './about.js';

/** The worker of this process as the fleet uses it: it is there also while no session is held. */
export class OwnWorker {
  readonly #store: ObjectStore;
  readonly #termMs: number;
  readonly #describe: () => About;
  readonly #proof: Proof;
  #share: WorkerShare | null = null;
  #said = '';
  #saying: Promise<void> | null = null;

  constructor(store: ObjectStore, termMs: number, proof: Proof, describe: () => About) {
    this.#store = store;
    this.#proof = proof;
    this.#termMs = termMs;
    this.#describe = describe;
  }

  get id(): string {
    return this.#share?.worker.id ?? '';
  }

  /** @throws {HoldfastError} LEASE_LOST before it has joined, and after it has left */
  get worker(): Worker {
    if (this.#share === null) throw leaseLost();
    return this.#share.worker;
  }

  get view(): WorkerView {
    const { isStopping: _, rosterMark: __, ...about } = this.#describe();
    return { id: this.id, host: hostname(), pid: process.pid, ...about };
  }

  get isRenewed(): boolean {
    return this.#share?.worker.isRenewed ?? false;
  }

  get isDead(): boolean {
    return this.#share?.worker.isDead ?? false;
  }

  get msSinceRenewal(): number {
    return this.#share?.worker.msSinceRenewal ?? 0;
  }

  /** Joins, as a new worker if the former was declared dead. @throws the store's errors */
  async join(): Promise<void> {
    const former = this.#share;
    this.#share = await joinWorker(this.#store, this.#termMs);
    await former?.leave();
    this.#said = encodeAbout(this.#describe());
    const { worker } = this.#share;
    worker.setAbout(this.#proof.sign(worker.id, this.#said));
    await worker.renew();
  }

  /** Tells the others what has changed, at once; while the store is away, as soon as it is back. */
  announce(): void {
    const worker = this.#share?.worker;
    if (worker === undefined || this.#saying !== null || worker.isDead) return;
    const about = encodeAbout(this.#describe());
    if (about === this.#said) return;
    this.#saying = this.#say(worker, about).finally(() => {
      this.#saying = null;
      this.announce();
    });
  }

  async leave(): Promise<void> {
    await this.#saying;
    const share = this.#share;
    this.#share = null;
    await share?.leave();
  }

  async #say(worker: Worker, about: string): Promise<void> {
    this.#said = about;
    worker.setAbout(this.#proof.sign(worker.id, about));
    // The renewals that come anyway say it too.
    await worker.renew().catch(() => undefined);
  }
}
