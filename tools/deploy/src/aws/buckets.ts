import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  NoSuchBucket,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Connection } from '@labelfleet/aws/provision';

export interface Buckets {
  /** Deletes a bucket with all that it contains; does nothing if there is none. @returns the number of objects */
  delete(name: string): Promise<number>;
}

export function connectBuckets({ region, endpoint, credentials }: Connection): Buckets {
  const client = new S3Client({
    region,
    endpoint,
    credentials,
    // The local cloud has no host name for each bucket.
    forcePathStyle: endpoint !== undefined,
  });
  const empty = async (Bucket: string): Promise<number> => {
    let deleted = 0;
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      if (Contents.length === 0) continue;
      const { Errors: [failed] = [] } = await client.send(
        new DeleteObjectsCommand({
          Bucket,
          Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
        }),
      );
      if (failed !== undefined) {
        throw new Error(
          `s3://${Bucket}/${failed.Key ?? ''} was not deleted: ${failed.Message ?? ''}`,
        );
      }
      deleted += Contents.length;
    }
    return deleted;
  };
  return {
    async delete(Bucket) {
      try {
        const deleted = await empty(Bucket);
        await client.send(new DeleteBucketCommand({ Bucket }));
        return deleted;
      } catch (error) {
        if (error instanceof NoSuchBucket) return 0;
        throw error;
      }
    },
  };
}
