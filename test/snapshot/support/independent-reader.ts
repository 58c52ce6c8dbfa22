import { createDecipheriv, createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

/**
 * A reader by `docs/format.md` alone: it shares nothing with the code it is compared with. It opens
 * what is right; refusing what is wrong is tested elsewhere.
 */
export class IndependentReader {
  readonly #keys: { seal: Buffer; id: Buffer; head: Buffer } | null;

  constructor(
    private readonly objects: ReadonlyMap<string, Buffer>,
    private readonly session: string,
    key: string | null,
  ) {
    this.#keys = key === null ? null : this.#derive(this.#unwrap(key));
  }

  /** Newest first. */
  snapshots(): {
    generation: number;
    sequence: number;
    files: Map<string, Buffer>;
    live: string;
  }[] {
    const [json = '', tag] = this.#object(`heads/${this.session}`).toString().split('\n');
    const expected = this.#keys
      ? createHmac('sha256', this.#keys.head).update(json).digest('base64url')
      : createHash('sha256').update(`${this.session}\n${json}`).digest('base64url');
    if (tag !== expected) throw new Error('the tag does not fit');
    const { snapshots } = JSON.parse(json) as { snapshots: [number, number, ...unknown[]][] };
    return snapshots.reverse().map(([generation, sequence, , , , ...ref]) => {
      const manifest = JSON.parse(this.#blob(ref, 'manifest').toString());
      const content = (blobs: unknown[][]) =>
        Buffer.concat(blobs.map((blob) => this.#blob(placed(blob, manifest.packs), 'chunk')));
      const files = new Map<string, Buffer>();
      for (const [path, blobs] of this.#files(manifest)) files.set(path, content(blobs));
      const live = content(manifest.live[2].map((blob: unknown[]) => blob)).toString();
      return { generation, sequence, files, live };
    });
  }

  /** Blobs by path; each with the name of its pack, not its place. */
  #files(manifest: Json): Map<string, unknown[][]> {
    const files = new Map<string, unknown[][]>();
    if (manifest.base) {
      const ref = placed(manifest.base, manifest.packs);
      const base = JSON.parse(this.#blob(ref, 'manifest').toString());
      for (const [path, blobs] of this.#files(base)) files.set(path, blobs);
    }
    for (const path of manifest.removed) files.delete(path);
    for (const [path, , keep, blobs] of manifest.files) {
      const own = blobs.map((blob: unknown[]) => placed(blob, manifest.packs));
      files.set(path, [...(files.get(path) ?? []).slice(0, keep), ...own]);
    }
    return files;
  }

  #blob([pack, offset, stored, length, id]: unknown[], kind: string): Buffer {
    const start = offset as number;
    const object = this.#object(`packs/${this.session}/${pack}`);
    let blob = object.subarray(start, start + (stored as number));
    if (this.#keys) {
      const place = `holdfast 1\0${this.session}\0${pack}\0${offset}\0${kind}`;
      blob = open(this.#keys.seal, blob, place);
    }
    const content = blob[0] === 1 ? inflateRawSync(blob.subarray(1)) : blob.subarray(1);
    const digest = this.#keys
      ? createHmac('sha256', this.#keys.id).update(content).digest()
      : createHash('sha256').update(content).digest();
    if (digest.subarray(0, 16).toString('base64url') !== id) throw new Error('another id');
    if (content.length !== length) throw new Error('another length');
    return content;
  }

  #unwrap(key: string): Buffer {
    const [json = ''] = this.#object(`keys/${this.session}`).toString().split('\n');
    const { kind, salt, cost, wrapped } = JSON.parse(json);
    const wrapping =
      kind === 'raw'
        ? Buffer.from(key, 'base64')
        : scryptSync(key, Buffer.from(salt, 'base64url'), 32, {
            N: 2 ** cost,
            r: 8,
            p: 1,
            maxmem: 2 ** 28,
          });
    const bytes = Buffer.from(wrapped, 'base64url');
    return open(wrapping, bytes, `holdfast 1 data key\0${this.session}`);
  }

  #derive(dataKey: Buffer) {
    const derive = (use: string) =>
      Buffer.from(hkdfSync('sha256', dataKey, this.session, `holdfast 1 ${use}`, 32));
    return { seal: derive('seal'), id: derive('id'), head: derive('head') };
  }

  #object(key: string): Buffer {
    const bytes = this.objects.get(key);
    if (!bytes) throw new Error(`${key} is not there`);
    return bytes;
  }
}

interface Json {
  packs: string[];
  base: unknown[] | null;
  removed: string[];
  files: [string, number, number, unknown[][]][];
  live: [string, string | null, unknown[][]];
}

function open(key: Buffer, sealed: Buffer, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

function placed([place, ...rest]: unknown[], packs: string[]): unknown[] {
  return [typeof place === 'number' ? packs[place] : place, ...rest];
}
