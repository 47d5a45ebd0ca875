import { readJson } from '@labelfleet/aws/store';
import { resultKey, storedResultCodec, type StoredResult } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import type { StackUnderTest } from './stack-under-test.ts';

export interface StoredRequest {
  file: string;
  /** SHA-256 of the stored image. */
  sha256: string;
  result: StoredResult;
}

/**
 * The stored image and result of each request.
 * @throws Error if an image has no result or a result has no image
 */
export async function readStored({ images, results }: StackUnderTest): Promise<StoredRequest[]> {
  const imageKeys = (await images.list('', 1000)).map((key) => key.split('/') as [string, string]);
  const resultKeys = await results.list('', 1000);
  if (
    imageKeys
      .map(([id]) => resultKey(id))
      .sort()
      .join() !== resultKeys.sort().join()
  )
    throw new Error(`images ${imageKeys.join(' ')} and results ${resultKeys.join()} do not match`);
  return Promise.all(
    imageKeys.map(async ([id, file]) => {
      const image = await images.get(`${id}/${file}`);
      const result = await readJson(results, resultKey(id), storedResultCodec);
      if (image === null || result === undefined) throw new Error(`${id} is gone`);
      return { file, sha256: sha256Of(image.body), result: result.value };
    }),
  );
}

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
