import type { ObjectStore } from '../../../src/objects/object-store.js';
import { contentsOf } from './wrapped-store.js';

export type Contents = Map<string, Uint8Array>;

export interface Mutation {
  /** What was done to which object, for a report. */
  what: string;
  key: string;
  contents: Contents;
}

/** What a mutation may take from elsewhere. */
export interface Material {
  contents: Contents;
  /** The keys that are changed. */
  keys: readonly string[];
  /** Objects of another session, by key. */
  foreign: Contents;
  /** Earlier content of cells, by key. */
  earlier: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** One change of one object (two for a swap), by random numbers from 0 to 1. */
export function mutate(material: Material, random: () => number): Mutation {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const key = pick(material.keys);
  const bytes = material.contents.get(key) ?? new Uint8Array(0);
  const changed = (what: string, content: Uint8Array | null, also?: [string, Uint8Array]) => {
    const contents = new Map(material.contents);
    if (content === null) contents.delete(key);
    else contents.set(key, content);
    if (also) contents.set(...also);
    return { what: `${key}: ${what}`, key, contents };
  };
  const at = below(bytes.length);
  const length = 1 + below(bytes.length - at);
  const end = at + length;
  const kind = pick(KINDS);
  switch (kind) {
    case 'bit': {
      const bit = below(8);
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (bytes[at] ?? 0) ^ (1 << bit);
      return changed(`bit ${bit} of byte ${at} turned over`, flipped);
    }
    case 'byte': {
      const replaced = Uint8Array.from(bytes);
      replaced[at] = below(256);
      return changed(`byte ${at} set to ${replaced[at]}`, replaced);
    }
    case 'truncate':
      return changed(`cut off at ${at}`, bytes.slice(0, at));
    case 'extend': {
      const more = Uint8Array.from({ length: 1 + below(64) }, () => below(256));
      return changed(`${more.length} bytes added`, Buffer.concat([bytes, more]));
    }
    case 'zero': {
      const zeroed = Uint8Array.from(bytes);
      zeroed.fill(0, at, end);
      return changed(`zeros from ${at} to ${end}`, zeroed);
    }
    case 'cut out':
      return changed(
        `bytes ${at} to ${end} cut out`,
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]),
      );
    case 'repeat':
      return changed(
        `bytes ${at} to ${end} twice`,
        Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]),
      );
    case 'delete':
      return changed('deleted', null);
    case 'swap': {
      const other = pick(material.keys);
      const content = material.contents.get(other) ?? bytes;
      return changed(`swapped with ${other}`, content, [other, bytes]);
    }
    case 'foreign': {
      const [name, content] = pick([...material.foreign]);
      return changed(`replaced by ${name}`, content);
    }
    case 'earlier': {
      const [version, content] = pick([...(material.earlier.get(key) ?? [bytes]).entries()]);
      return changed(`replaced by its version ${version}`, content);
    }
  }
}

const KINDS = [
  'bit',
  'byte',
  'truncate',
  'extend',
  'zero',
  'cut out',
  'repeat',
  'delete',
  'swap',
  'foreign',
  'earlier',
] as const;

/** Notes what cells hold over time. */
export class CellHistory {
  readonly versions = new Map<string, Uint8Array[]>();

  async note(store: ObjectStore): Promise<void> {
    for (const [key, content] of await contentsOf(store)) {
      if (key.startsWith('packs/')) continue;
      const versions = this.versions.get(key) ?? [];
      this.versions.set(key, [...versions, content]);
    }
  }
}
