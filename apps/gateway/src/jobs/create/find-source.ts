import { hasCode, isDenied } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { BucketPart, JobSource } from '@labelfleet/contracts';
import { refuse, type Refusal } from '../../http/problem.ts';
import type { JobRequest } from './job-request.ts';

export interface SourceDeps {
  storeOf: (bucket: string) => Pick<ObjectStore, 'head' | 'list' | 'listObjects' | 'getRange'>;
}

const BUCKET_MISSING: ReadonlySet<string> = new Set(['NoSuchBucket']);

/** Looks at the source of a job, so that a wrong address fails now and not in a worker. */
export async function findSource(
  { storeOf }: SourceDeps,
  request: JobRequest['source'],
  { bucket, prefix }: BucketPart,
): Promise<{ kind: 'found'; source: JobSource } | Refusal> {
  const { include, exclude, manifest } = request;
  const address = `s3://${bucket}/${prefix}`;
  const store = storeOf(bucket);
  try {
    if (manifest !== undefined) {
      const head = await store.head(prefix);
      if (head === null) return refuse('not-found', `There is no manifest ${address}.`);
      if (head.size === 0)
        return refuse('missing-image', `The manifest ${address} is empty: it has 0 bytes.`);
      const { etag, size: bytes } = head;
      return { kind: 'found', source: { kind: 'manifest', bucket, key: prefix, etag, bytes } };
    }
    const [key] = await store.list(prefix, 1);
    if (key === undefined)
      return refuse('not-found', `There is no object whose address begins with ${address}.`);
    const source = {
      kind: 'prefix',
      ...{ bucket, prefix },
      ...(include && { include }),
      ...(exclude && { exclude }),
    } as const;
    return { kind: 'found', source };
  } catch (error) {
    if (hasCode(error, BUCKET_MISSING)) return refuse('not-found', `There is no bucket ${bucket}.`);
    if (!isDenied(error)) throw error;
    return refuse(
      'forbidden',
      `S3 does not let the gateway look at ${address}: ${error.code}. The operator must give gateways and workers the rights s3:ListBucket and s3:GetObject for it.`,
    );
  }
}
