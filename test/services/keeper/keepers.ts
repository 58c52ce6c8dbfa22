import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Keeper } from './keeper.js';
import { isOpenToAll, type ServerUser } from './server-user.js';

/** The keepers of one program, so that all can be ended at any moment. */
export class Keepers {
  readonly #keepers = new Set<Keeper>();
  #isClosed = false;

  /** In a new folder of the system's folder for such, which `user` can enter. */
  startTemporary(name: string, user?: ServerUser): Promise<Keeper> {
    const parent = user === undefined || isOpenToAll(tmpdir()) ? tmpdir() : '/tmp';
    return this.start(path.join(parent, `holdfast-${name}-${randomBytes(6).toString('hex')}`));
  }

  async start(folder: string): Promise<Keeper> {
    const keeper = await Keeper.start(folder);
    this.#keepers.add(keeper);
    if (this.#isClosed) {
      await keeper.end();
      throw new Error('The services are being stopped.');
    }
    return keeper;
  }

  async end(keeper: Keeper): Promise<void> {
    await keeper.end();
    this.#keepers.delete(keeper);
  }

  async endAll(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#keepers].map((keeper) => this.end(keeper)));
  }
}
