import type { SqsConnection } from '../../queue/connect-sqs.ts';
import type { OutgoingMessage, Queue, ReceivedMessage } from '../../queue/queue.ts';

/** What the cases work with. */
export interface QueueBench {
  sqs: () => SqsConnection;
  /** Creates a queue for one case. */
  newQueue: (suffix?: string) => Promise<Queue>;
}

/** A kind of queue, for the cases that both kinds must pass. */
export interface QueueKind {
  kind: string;
  /** The end of a queue's name. */
  suffix: string;
  message: (body: string) => OutgoingMessage;
}

export const receive = (
  queue: Queue,
  options: Partial<Parameters<Queue['receive']>[0]> = {},
  signal?: AbortSignal,
): Promise<ReceivedMessage[]> =>
  queue.receive(
    { maxMessages: 10, waitSeconds: 10, visibilityTimeoutSeconds: 30, ...options },
    signal,
  );

/** Polls until `count` messages have arrived: one poll may return fewer than the queue has. */
export async function receiveAll(queue: Queue, count: number): Promise<ReceivedMessage[]> {
  const received: ReceivedMessage[] = [];
  while (received.length < count) {
    const more = await receive(queue);
    if (more.length === 0) break;
    received.push(...more);
  }
  return received;
}

export const bodies = (messages: readonly ReceivedMessage[]): string[] =>
  messages.map(({ body }) => body);

export function receiptOf(message: ReceivedMessage | undefined): string {
  if (message === undefined) throw new Error('Nothing was received.');
  return message.receipt;
}
