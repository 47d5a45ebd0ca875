import { AwsCallError } from '@labelfleet/aws/errors';
import { parseObjectAddress, type S3Connection } from '@labelfleet/aws/store';
import { EXIT, explain, localFile, StartError, type FileSource } from '@labelfleet/runtime';

/** A call of S3 costs as much as an image's. */
const CHECK_OBJECT_EVERY_MS = 10_000;

/** @param address a path, or `s3://bucket/key` of an object that may be put later */
export function configurationFile(address: string, s3: Pick<S3Connection, 'store'>): FileSource {
  const object = parseObjectAddress(address);
  if (object === undefined) return localFile(address);
  const bucket = s3.store(object.bucket);
  return {
    name: address,
    checkEveryMs: CHECK_OBJECT_EVERY_MS,
    async read() {
      try {
        const stored = await bucket.get(object.key);
        return stored === null ? undefined : new TextDecoder().decode(stored.body);
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        throw new StartError(`${address} cannot be read: ${explain(error)}`, EXIT.unavailable, {
          cause: error,
        });
      }
    },
  };
}
