import type { SQSClient } from '@aws-sdk/client-sqs';

import type { History } from './history.ts';
import type { Load } from './load.ts';
import { MessageLedger } from './message-ledger.ts';
import { QueueClient } from './queue-client.ts';
import type { Random } from '@labelfleet/testkit/random';

/** The largest number of messages in the queue. */
const MOST_OPEN = 150;

/** Senders and consumers of a standard queue with batches, delays, visibility changes and deletes. */
export function standardLoad(
  sqs: SQSClient,
  context: { history: History; random: Random; whenUp: () => Promise<void> },
): Load {
  const { random, whenUp } = context;
  const ledger = new MessageLedger('message');
  const queue = new QueueClient(sqs, ledger, context.history);
  let sent = 0;

  async function sendSome(): Promise<void> {
    if (ledger.open > MOST_OPEN) return;
    const delayed = random.chance(0.2) ? { delaySeconds: 1 } : {};
    const count = random.chance(0.5) ? 1 : 10;
    await queue.send(
      Array.from({ length: count }, () => ({ body: `m${(sent += 1)}`, ...delayed })),
    );
  }

  async function consumeSome(): Promise<void> {
    const received = await queue.receive({
      visibilitySeconds: random.pick([1, 2, 3]),
      waitSeconds: random.pick([0, 1]),
    });
    const kept = received.filter(() => random.chance(0.8));
    const others = received.filter((message) => !kept.includes(message));
    if (kept.length > 0) await queue.delete(kept);
    for (const message of others) {
      if (random.chance(0.7)) await queue.hide(message, random.pick([0, 1, 2]));
    }
  }

  async function repeat(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await whenUp();
      await work();
      await new Promise(setImmediate);
    }
  }

  return {
    name: 'standard queue',
    setUp: () => queue.create('standard', {}),
    run: async (signal) => {
      const clients = [sendSome, sendSome, consumeSome, consumeSome, consumeSome];
      await Promise.all(clients.map((work) => repeat(work, signal)));
    },
    check: () => queue.drain(),
    figures: () => ({ messages: ledger.size }),
  };
}
