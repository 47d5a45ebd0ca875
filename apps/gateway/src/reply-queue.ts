import type { QueueAdmin } from '@labelfleet/aws/queue';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from './pause.ts';

/** A reply that is older interests nobody: its result is in the store. */
const RETENTION_SECONDS = 3600;
const SIGN_OF_LIFE_EVERY_MS = 60_000;
/** When its gateway last lived: queues without a recent one are swept. */
const ALIVE_AT_TAG = 'alive-at';

/** The queue that replies to this gateway go to. Disposing one that was made here deletes it. */
interface ReplyQueue extends AsyncDisposable {
  readonly url: string;
}

/** A queue that is there and stays. */
export const fixedReplyQueue = (url: string): ReplyQueue => ({
  url,
  [Symbol.asyncDispose]: async () => {},
});

/**
 * Makes a queue of this gateway's own, and tags it with a sign of life for as long as it is not disposed.
 * @param name never used before: SQS refuses the name of a queue deleted within the last 60 s
 */
export async function makeReplyQueue(
  admin: QueueAdmin,
  name: string,
  log: Logger,
): Promise<ReplyQueue> {
  const aliveNow = () => ({ [ALIVE_AT_TAG]: new Date().toISOString() });
  const url = await admin.create(name, { retentionSeconds: RETENTION_SECONDS, tags: aliveNow() });
  log.info({ replyQueue: url }, 'made the reply queue');
  const disposed = new AbortController();
  const signsOfLife = repeat(SIGN_OF_LIFE_EVERY_MS, disposed.signal, async () => {
    try {
      await admin.tag(url, aliveNow());
    } catch (error) {
      log.warn({ error, replyQueue: url }, 'the reply queue could not be tagged');
    }
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      disposed.abort();
      await signsOfLife;
      try {
        await admin.delete(url);
      } catch (error) {
        log.warn({ error, replyQueue: url }, 'the reply queue is left for the sweep');
      }
    },
  };
}
