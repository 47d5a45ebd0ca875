import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import { webhookRecordKey } from '@labelfleet/contracts';
import type { DeadLetter } from './dead-letters.ts';

export interface ReplayDeps {
  outbox: Pick<Queue, 'send'>;
  deadLetters: Pick<Queue, 'ack'>;
  state: Pick<ObjectStore, 'delete'>;
}

/**
 * Sends dead letters to the outbox queue again and deletes them. If this process dies between two steps, the dead letter
 * is still there, and its webhook may be sent twice.
 * @returns the ids of the replayed webhooks
 */
export async function replay(
  letters: readonly DeadLetter[],
  ids: readonly string[] | 'all',
  { outbox, deadLetters, state }: ReplayDeps,
): Promise<string[]> {
  const replayed: string[] = [];
  for (const { received, message, id } of letters) {
    if (ids !== 'all' && !ids.includes(id)) continue;
    // The day of tries begins anew without the record.
    if (message !== undefined) await state.delete(webhookRecordKey(message));
    await outbox.send({ body: received.body });
    await deadLetters.ack(received.receipt);
    replayed.push(id);
  }
  return replayed;
}
