/**
 * Like Promise.all, but also when one fails it waits for all others: what they still open would be
 * held for ever by nobody.
 */
export async function allEnded<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(works);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
}
