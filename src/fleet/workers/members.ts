import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { HolderWatch } from '../../snapshot/lease/holder-watch.js';
import { WORKERS_PREFIX } from '../../snapshot/lease/worker-cell.js';
import type { Proof } from '../proof.js';
import type { WorkerView } from '../session-view.js';
import { type About, decodeAbout } from './about.js';

/** Another worker of the fleet that is there. */
export interface Member {
  view: WorkerView;
  isStopping: boolean;
  rosterMark: string;
}

/**
 * Who else is there. Each worker is watched from look to look, so that one that has crashed is
 * known, and said, to be gone one term after it was last heard of; what it held can be taken at once
 * then.
 */
export class Members {
  readonly #store: ObjectStore;
  readonly #proof: Proof;
  readonly #onStranger: (id: string) => void;
  /** Workers that have not proven to be of this fleet; each is told of once. */
  readonly #strangers = new Set<string>();
  readonly #watches = new Map<string, HolderWatch>();
  #members = new Map<string, Member>();
  #steadySince = performance.now();

  constructor(store: ObjectStore, proof: Proof, onStranger: (id: string) => void) {
    this.#store = store;
    this.#proof = proof;
    this.#onStranger = onStranger;
  }

  get all(): Member[] {
    return [...this.#members.values()];
  }

  /** How long nobody has come or gone. */
  get steadyForMs(): number {
    return performance.now() - this.#steadySince;
  }

  /**
   * @param self the worker of this process
   * @returns whether something has changed
   * @throws the store's errors; what is known stays
   */
  async look(self: string): Promise<boolean> {
    const ids: string[] = [];
    for await (const { key } of this.#store.list(WORKERS_PREFIX)) {
      const id = key.slice(WORKERS_PREFIX.length);
      if (id !== self) ids.push(id);
    }
    for (const id of this.#watches.keys()) if (!ids.includes(id)) this.#watches.delete(id);
    for (const id of this.#strangers) if (!ids.includes(id)) this.#strangers.delete(id);
    const seen = await Promise.all(ids.map((id) => this.#lookAt(id)));
    const before = this.#members;
    this.#members = new Map(
      seen.filter((member) => member !== null).map((member) => [member.view.id, member]),
    );
    if (namesOf(before) !== namesOf(this.#members)) this.#steadySince = performance.now();
    return JSON.stringify([...before.values()]) !== JSON.stringify(this.all);
  }

  async #lookAt(id: string): Promise<Member | null> {
    const watch = this.#watches.get(id) ?? new HolderWatch(this.#store, id);
    this.#watches.set(id, watch);
    try {
      const sight = await watch.look();
      if (sight.is === 'gone') {
        this.#watches.delete(id);
        return null;
      }
      const about = this.#aboutOf(id, sight.about);
      if (about === null) return null;
      const { isStopping, rosterMark, ...described } = about;
      const { host, pid } = sight.holder;
      return { view: { id, host, pid, ...described }, isStopping, rosterMark };
    } catch (error) {
      // One that cannot be understood holds what it holds, which its sessions' leases tell.
      if (isAboutTheCell(error)) return null;
      throw error;
    }
  }

  #aboutOf(id: string, signed: string | null): About | null {
    // One of another version or kind: it says nothing of a fleet.
    if (signed === null) return null;
    const text = this.#proof.open(id, signed);
    if (text !== null) return decodeAbout(text);
    if (!this.#strangers.has(id)) this.#onStranger(id);
    this.#strangers.add(id);
    return null;
  }
}

function namesOf(members: ReadonlyMap<string, Member>): string {
  return [...members.keys()].sort().join();
}

function isAboutTheCell(error: unknown): boolean {
  return (
    error instanceof HoldfastError && ['LEASE_DAMAGED', 'FORMAT_UNSUPPORTED'].includes(error.code)
  );
}
