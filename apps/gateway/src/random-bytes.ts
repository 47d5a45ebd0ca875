import { randomBytes } from 'node:crypto';

const BATCH_BYTES = 4_096;

/**
 * Returns a source of random bytes that takes them from the system in batches. A call of `crypto.randomBytes` takes
 * about as long for 10 bytes as for 4096. No byte is returned twice.
 */
export function batchedRandomBytes(): (count: number) => Uint8Array {
  let batch = randomBytes(BATCH_BYTES);
  return (count) => {
    if (count > batch.length) batch = randomBytes(Math.max(BATCH_BYTES, count));
    const taken = batch.subarray(0, count);
    batch = batch.subarray(count);
    return taken;
  };
}
