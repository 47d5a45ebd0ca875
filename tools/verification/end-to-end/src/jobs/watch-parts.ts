import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { sleep } from '@labelfleet/runtime';
import { connectAws } from '@labelfleet/testkit/aws-clients';

const LOOK_EVERY_MS = 100;

/** The parts of jobs, as they are seen while jobs run. */
export interface PartWatch extends AsyncDisposable {
  /** Keys of all parts that were seen. */
  readonly keys: ReadonlySet<string>;
  /** Parts that were stored a second time. */
  readonly rewritten: readonly string[];
}

/** Looks at the parts in a bucket again and again. A part that is stored twice has another time of its last change. */
export function watchParts(endpoint: string, bucket: string): PartWatch {
  const clients = connectAws(endpoint);
  const seen = new Map<string, string>();
  const rewritten: string[] = [];
  const stop = new AbortController();

  async function look(): Promise<void> {
    for (let token: string | undefined; ;) {
      const listed = await clients.s3.send(
        new ListObjectsV2Command({
          ...{ Bucket: bucket, Prefix: 'jobs/', EncodingType: 'url' },
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      );
      for (const { Key = '', LastModified, ETag } of listed.Contents ?? []) {
        const version = `${LastModified?.toISOString() ?? ''} ${ETag ?? ''}`;
        if ((seen.get(Key) ?? version) !== version) rewritten.push(Key);
        seen.set(Key, version);
      }
      token = listed.NextContinuationToken;
      if (token === undefined) return;
    }
  }

  const watching = (async () => {
    while (!stop.signal.aborted) {
      // The local cloud may have been killed.
      await look().catch(() => undefined);
      await sleep(LOOK_EVERY_MS, stop.signal);
    }
    await look();
  })();
  return {
    get keys() {
      return new Set(seen.keys());
    },
    rewritten,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      clients[Symbol.dispose]();
    },
  };
}
