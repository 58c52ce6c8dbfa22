import type { ListedObject } from '../object-store.js';
import type { MongoCollection } from './mongo-types.js';

const PAGE = 1000;

/** Gives the keys of a collection behind `after`, in order and no more than a page of them. */
export type ReadPage = (after: string | null) => Promise<ListedObject[]>;

/**
 * MongoDB compares text by its bytes, in UTF-8, where no collation is asked for.
 *
 * @see https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export async function readPage(
  collection: MongoCollection,
  prefix: string,
  after: string | null,
  options: object,
): Promise<ListedObject[]> {
  // Every character of a key comes before `{`.
  const range = { $lt: `${prefix}{`, ...(after === null ? { $gte: prefix } : { $gt: after }) };
  const page = { projection: { size: 1 }, sort: { _id: 1 }, limit: PAGE };
  const documents = await collection.find({ _id: range }, { ...options, ...page }).toArray();
  return (documents as { _id: string; size: number }[]).map(({ _id, size }) => ({
    key: _id,
    size,
  }));
}

/** Asks again for each page: a server closes a cursor that nobody has read from for a while. */
export async function* pagesOf(read: ReadPage): AsyncGenerator<ListedObject> {
  for (let after: string | null = null; ; ) {
    const page = await read(after);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.key ?? null;
  }
}

/** Two lists in the order of their keys as one. */
export async function* mergeLists(
  one: AsyncGenerator<ListedObject>,
  other: AsyncGenerator<ListedObject>,
): AsyncGenerator<ListedObject> {
  let first = await one.next();
  let second = await other.next();
  while (!first.done || !second.done) {
    const isFirst = second.done || (!first.done && first.value.key <= second.value.key);
    if (isFirst) {
      yield first.value;
      first = await one.next();
    } else {
      yield second.value;
      second = await other.next();
    }
  }
}
