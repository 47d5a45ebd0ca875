import { readBody } from '../../request-body.ts';
import { OWNER, sendEmpty, sendXml, type Call } from './call.ts';

export async function createBucket({ request, response, buckets, bucket }: Call): Promise<void> {
  await readBody(request, 65_536); // it could only name a region, and there is only one
  buckets.create(bucket);
  sendEmpty(response, 200, { location: `/${bucket}` });
}

export function headBucket({ response, buckets, bucket }: Call): void {
  buckets.get(bucket);
  sendEmpty(response, 200);
}

export async function deleteBucket({ response, buckets, bucket }: Call): Promise<void> {
  await buckets.delete(bucket);
  sendEmpty(response, 204);
}

/** An empty location means us-east-1. */
export function getBucketLocation({ response, buckets, bucket }: Call): void {
  buckets.get(bucket);
  sendXml(response, 'LocationConstraint', {});
}

/** Versioning is never enabled, which S3 reports with an empty element. */
export function getBucketVersioning({ response, buckets, bucket }: Call): void {
  buckets.get(bucket);
  sendXml(response, 'VersioningConfiguration', {});
}

export function listBuckets({ response, buckets }: Call): void {
  sendXml(response, 'ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: {
      Bucket: buckets.all().map(({ name, createdAtMs }) => ({
        Name: name,
        CreationDate: new Date(createdAtMs).toISOString(),
      })),
    },
  });
}
