import { setTimeout as delay } from 'node:timers/promises';

import { Violation } from './history.ts';
import { repeatAll, type Load, type LoadContext } from './load.ts';
import { MessageLedger } from './message-ledger.ts';
import { QueueClient, type Received } from './queue-client.ts';

const GROUPS = ['a', 'b', 'c'];
const MOST_OPEN = 40;

/** A sender for each group of a FIFO queue, which repeats sends without an answer, and consumers that check the order. */
export async function fifoLoad(context: LoadContext): Promise<Load> {
  const ledger = new MessageLedger('fifo message');
  const queue = await QueueClient.create(context, ledger, { FifoQueue: 'true' });

  function senderTo(groupId: string): () => Promise<void> {
    let number = 1;
    return async () => {
      if (ledger.open > MOST_OPEN) await delay(5);
      else if (await queue.send([{ body: `${groupId}${number}`, groupId }])) number += 1;
    };
  }

  async function consume(): Promise<void> {
    const owedBefore = ledger.owed();
    const received = await queue.receive({ visibilitySeconds: 2, waitSeconds: 1 });
    checkOrder(ledger, received, owedBefore);
    const done = received.slice(0, context.random.below(received.length + 1));
    if (done.length > 0) await queue.delete(done);
    else if (received[0] !== undefined) await queue.hide(received[0], 0);
  }

  return {
    name: 'FIFO queue',
    run: (signal) => repeatAll(context, signal, [...GROUPS.map(senderTo), consume, consume]),
    check: () => queue.drain(),
    figures: () => ({ messages: ledger.size }),
  };
}

/**
 * A message that was undelivered when the call began and still is was in the queue all the time: no later message of
 * its group may have been delivered.
 */
function checkOrder(
  ledger: MessageLedger,
  received: readonly Received[],
  owedBefore: readonly string[],
): void {
  const owedNow = new Set(ledger.owed());
  const owed = owedBefore.filter((body) => owedNow.has(body));
  const delivered = received.map(({ delivery }) => delivery.body);
  for (const [index, body] of delivered.entries()) {
    const before = delivered.slice(0, index);
    const skipped = owed.find(
      (other) => isEarlierOfSameGroup(other, body) && !before.includes(other),
    );
    if (skipped !== undefined) {
      throw new Violation(ledger.subjectOf(skipped), `was not delivered before ${body}`);
    }
  }
}

function isEarlierOfSameGroup(one: string, other: string): boolean {
  return one.slice(0, 1) === other.slice(0, 1) && Number(one.slice(1)) < Number(other.slice(1));
}
