/** Handles items, this many at the same time. Rejects at the first failure, after which no item is begun. */
export async function concurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  handle: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const iterator: Iterator<T, unknown> | AsyncIterator<T, unknown> =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let [next, failed] = [0, false];
  const handler = async () => {
    while (!failed) {
      const index = next++;
      const item = await iterator.next();
      if (item.done === true) return;
      await handle(item.value, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: limit }, handler));
  } catch (error) {
    failed = true;
    throw error;
  }
}
