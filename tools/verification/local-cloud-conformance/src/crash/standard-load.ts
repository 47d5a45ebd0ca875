import { repeatAll, type Load, type LoadContext } from './load.ts';
import { MessageLedger } from './message-ledger.ts';
import { QueueClient } from './queue-client.ts';

/** The largest number of messages in the queue. */
const MOST_OPEN = 150;

/** Senders and consumers of a standard queue with batches, delays, visibility changes and deletes. */
export async function standardLoad(context: LoadContext): Promise<Load> {
  const { random } = context;
  const ledger = new MessageLedger('message');
  const queue = await QueueClient.create(context, ledger);
  let sent = 0;

  async function send(): Promise<void> {
    if (ledger.open > MOST_OPEN) return;
    const delayed = random.chance(0.2) ? { delaySeconds: 1 } : {};
    const count = random.chance(0.5) ? 1 : 10;
    await queue.send(
      Array.from({ length: count }, () => ({ body: `m${(sent += 1)}`, ...delayed })),
    );
  }

  async function consume(): Promise<void> {
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

  return {
    name: 'standard queue',
    run: (signal) => repeatAll(context, signal, [send, send, consume, consume, consume]),
    check: () => queue.drain(),
    figures: () => ({ messages: ledger.size }),
  };
}
