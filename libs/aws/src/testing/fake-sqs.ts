import { AwsCallError, hasCode, QUEUE_GONE_CODES } from '../errors.ts';
import type { SqsConnection } from '../queue/connect-sqs.ts';
import type { QueueAdmin, QueueSender } from '../queue/queue.ts';
import { FakeQueue } from './fake-queue.ts';
import { noHook, type CallHook } from './call-hook.ts';

const DELETED_RECENTLY_MS = 60_000;

export interface FakeSqs extends SqsConnection {
  /** Creates a queue (FIFO if its name ends in `.fifo`) and returns its URL. */
  createQueue(name: string): string;
  /** The bodies of all messages of a queue, visible or not, oldest first. */
  bodies(queueUrl: string): string[];
  /** The tags of a queue; undefined if the queue does not exist. */
  tags(queueUrl: string): Readonly<Record<string, string>> | undefined;
}

/** SQS in memory. It uses `performance.now()` and timers, so fake timers control it. */
export function fakeSqs(options: { beforeCall?: CallHook } = {}): FakeSqs {
  const { beforeCall = noHook } = options;
  const queues = new Map<string, { queue: FakeQueue; tags: Record<string, string> }>();
  const deletedAtMs = new Map<string, number>();
  const urlOf = (name: string) => `http://127.0.0.1/000000000000/${name}`;

  function createQueue(name: string): string {
    const url = urlOf(name);
    if (!queues.has(url)) queues.set(url, { queue: new FakeQueue(url, beforeCall), tags: {} });
    return url;
  }

  function queue(url: string): FakeQueue {
    const known = queues.get(url);
    if (known !== undefined) return known.queue;
    const missing = new FakeQueue(url, beforeCall);
    missing.delete();
    return missing;
  }

  const sender: QueueSender = {
    async send(queueUrl, message) {
      try {
        return await queue(queueUrl).send(message);
      } catch (error) {
        if (hasCode(error, QUEUE_GONE_CODES)) return 'queue-gone';
        throw error;
      }
    },
  };

  const admin: QueueAdmin = {
    async create(name, { tags }) {
      await beforeCall('CreateQueue', urlOf(name));
      const recently = deletedAtMs.get(urlOf(name));
      if (recently !== undefined && performance.now() < recently + DELETED_RECENTLY_MS)
        throw new AwsCallError('CreateQueue', {
          code: 'QueueDeletedRecently',
          message: 'You must wait 60 seconds after deleting a queue.',
          statusCode: 400,
        });
      const url = createQueue(name);
      await this.tag(url, tags);
      return url;
    },
    async tag(queueUrl, tags) {
      await beforeCall('TagQueue', queueUrl);
      const known = queues.get(queueUrl);
      if (known === undefined)
        throw new AwsCallError('TagQueue', {
          code: 'QueueDoesNotExist',
          message: 'The specified queue does not exist.',
          statusCode: 400,
        });
      Object.assign(known.tags, tags);
    },
    async list(namePrefix) {
      await beforeCall('ListQueues', namePrefix);
      return [...queues.keys()].filter((url) => url.startsWith(urlOf(namePrefix)));
    },
    async tags(queueUrl) {
      await beforeCall('ListQueueTags', queueUrl);
      const known = queues.get(queueUrl);
      return known === undefined ? 'queue-gone' : { ...known.tags };
    },
    async delete(queueUrl) {
      await beforeCall('DeleteQueue', queueUrl);
      const known = queues.get(queueUrl);
      if (known === undefined) return 'queue-gone';
      known.queue.delete();
      queues.delete(queueUrl);
      deletedAtMs.set(queueUrl, performance.now());
      return 'deleted';
    },
  };

  return {
    queue,
    sender,
    admin,
    close: () => undefined,
    createQueue,
    bodies: (queueUrl) => queue(queueUrl).bodies(),
    tags: (queueUrl) => queues.get(queueUrl)?.tags,
  };
}
