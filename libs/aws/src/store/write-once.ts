import type { ObjectStore } from './object-store.ts';

/**
 * Writes a JSON object unless there is one under that key. Resolves with the text that stands, which need
 * not be the given one; a write that met itself in a hidden retry finds its own.
 * @throws what the calls reject with, and when the object that stood in the way is gone
 */
export async function writeOnce(
  bucket: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  text: string,
): Promise<string> {
  const outcome = await bucket.put(key, text, {
    contentType: 'application/json',
    onlyIf: 'absent',
  });
  if (outcome.kind === 'stored') return text;
  const standing = await bucket.get(key);
  if (standing === null) throw new Error(`the object ${key} was there and is gone`);
  return new TextDecoder().decode(standing.body);
}
