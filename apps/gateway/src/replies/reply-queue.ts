import type { QueueAdmin } from '@labelfleet/aws/queue';
import { ALIVE_AT_TAG } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from './pause.ts';

/** A reply that is older interests nobody: its result is in the store. */
const RETENTION_SECONDS = 3600;
const ALIVE_TAG_EVERY_MS = 60_000;

/** The queue that replies to this gateway go to. Disposing one that was made here deletes it. */
export interface ReplyQueue extends AsyncDisposable {
  /** Of the one that there is now. */
  readonly url: string;
  /** Makes another where this one is gone: swept, because its gateway was not heard of for long. */
  replace(): Promise<void>;
}

/** A queue that is there and stays; where it is gone nobody here makes it again. */
export const fixedReplyQueue = (url: string): ReplyQueue => ({
  url,
  replace: async () => {},
  [Symbol.asyncDispose]: async () => {},
});

/**
 * Makes a queue of this gateway's own, and tags it with a sign of life for as long as it is not disposed.
 * @param newName gives a name never used before: SQS refuses the name of a queue deleted within the last 60 s
 */
export async function makeReplyQueue(
  admin: Pick<QueueAdmin, 'create' | 'tag' | 'delete'>,
  newName: () => string,
  log: Logger,
): Promise<ReplyQueue> {
  const aliveTag = () => ({ [ALIVE_AT_TAG]: new Date().toISOString() });
  const make = async () => {
    const options = { retentionSeconds: RETENTION_SECONDS, tags: aliveTag() };
    const url = await admin.create(newName(), options);
    log.info({ replyQueue: url }, 'made the reply queue');
    return url;
  };
  let url = await make();
  const disposed = new AbortController();
  const aliveTags = repeat(ALIVE_TAG_EVERY_MS, disposed.signal, async () => {
    try {
      await admin.tag(url, aliveTag());
    } catch (error) {
      log.warn({ error, replyQueue: url }, 'the reply queue could not be tagged');
    }
  });
  return {
    get url() {
      return url;
    },
    async replace() {
      log.warn({ replyQueue: url }, 'the reply queue is gone');
      url = await make();
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      await aliveTags;
      try {
        await admin.delete(url);
      } catch (error) {
        log.warn({ error, replyQueue: url }, 'the reply queue is left for the sweep');
      }
    },
  };
}
