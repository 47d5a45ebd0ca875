import type { QueueAdmin } from '@labelfleet/aws/queue';
import { ALIVE_AT_TAG } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from './repeat.ts';

/** Older replies have no waiter any more; their results are in the store. */
const RETENTION_SECONDS = 3600;
const ALIVE_TAG_EVERY_MS = 60_000;

/** The queue for the replies to this gateway. Disposing one that was created here deletes it. */
export interface ReplyQueue extends AsyncDisposable {
  /** Changes when the queue is replaced. */
  readonly url: string;
  /** Creates a new queue after the old one was swept because its alive tag was too old. */
  replace(): Promise<void>;
}

/** A configured queue. It is neither created, replaced nor deleted here. */
export const fixedReplyQueue = (url: string): ReplyQueue => ({
  url,
  replace: async () => {},
  [Symbol.asyncDispose]: async () => {},
});

/**
 * Creates a queue for this gateway alone, and renews its alive tag until it is disposed.
 * @param newName returns a name that was never used: SQS refuses the name of a queue deleted within the last 60 s
 */
export async function createReplyQueue(
  admin: Pick<QueueAdmin, 'create' | 'tag' | 'delete'>,
  newName: () => string,
  log: Logger,
): Promise<ReplyQueue> {
  const aliveTag = () => ({ [ALIVE_AT_TAG]: new Date().toISOString() });
  const create = async () => {
    const options = { retentionSeconds: RETENTION_SECONDS, tags: aliveTag() };
    const url = await admin.create(newName(), options);
    log.info({ event: 'reply-queue.created', replyQueue: url }, 'reply queue created');
    return url;
  };
  let url = await create();
  const disposed = new AbortController();
  const aliveTags = repeat(ALIVE_TAG_EVERY_MS, disposed.signal, async () => {
    try {
      await admin.tag(url, aliveTag());
    } catch (error) {
      log.warn(
        { event: 'reply-queue.tag-failed', error, replyQueue: url },
        'reply queue not tagged',
      );
    }
  });
  return {
    get url() {
      return url;
    },
    async replace() {
      log.warn({ event: 'reply-queue.lost', replyQueue: url }, 'reply queue was deleted');
      url = await create();
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      await aliveTags;
      try {
        await admin.delete(url);
      } catch (error) {
        log.warn(
          { event: 'reply-queue.delete-failed', error, replyQueue: url },
          'reply queue not deleted, left to the sweep',
        );
      }
    },
  };
}
