import { test } from 'vitest';
import { hasCode, QUEUE_GONE_CODES } from '../../errors.ts';
import { bodies, receive, receiveAll, type QueueBench, type QueueKind } from './bench.ts';

/** Checks how both kinds of queue send, deliver and count messages. */
export function deliveryCases({ sqs, newQueue }: QueueBench, { suffix, message }: QueueKind): void {
  test('checks that it can send without sending a message', async ({ expect }) => {
    const queue = await newQueue(suffix);
    await queue.checkSend();
    expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const missing = sqs().queue(`${queue.url.replace(suffix, '')}-missing${suffix}`);
    await expect(missing.checkSend()).rejects.toSatisfy((error) =>
      hasCode(error, QUEUE_GONE_CODES),
    );
  });

  test('delivers a message with its body and attributes', async ({ expect }) => {
    const queue = await newQueue(suffix);
    const beforeMs = Date.now();
    await queue.send({
      ...message('{"label":"Bär 🐻"}'),
      attributes: { traceparent: '00-abc-def-01' },
    });
    const [received] = await receive(queue);
    expect(received).toMatchObject({
      body: '{"label":"Bär 🐻"}',
      attributes: { traceparent: '00-abc-def-01' },
      receiveCount: 1,
    });
    expect(received?.sentAt.getTime()).toBeGreaterThanOrEqual(beforeMs - 1);
    expect(received?.receivedAtMs).toBeLessThanOrEqual(performance.now());
  });

  test('delivers a message to a waiting long poll', async ({ expect }) => {
    const queue = await newQueue(suffix);
    const polled = receive(queue, { waitSeconds: 20 });
    await queue.send(message('a'));
    expect(bodies(await polled)).toEqual(['a']);
  });

  test('returns an empty list when there is no message', async ({ expect }) => {
    const queue = await newQueue(suffix);
    expect(await receive(queue, { waitSeconds: 0 })).toEqual([]);
    expect(await receive(queue, { waitSeconds: 1 })).toEqual([]);
  });

  test('delivers at most maxMessages to a poll', async ({ expect }) => {
    const queue = await newQueue(suffix);
    await Promise.all(['a', 'b', 'c'].map((body) => queue.send(message(body))));
    expect(await receive(queue, { maxMessages: 1 })).toHaveLength(1);
    expect(await receiveAll(queue, 2)).toHaveLength(2);
  });

  test('accepts many concurrent sends and acks, each with its own outcome', async ({ expect }) => {
    const queue = await newQueue(suffix);
    const sent = Array.from({ length: 35 }, (_, index) => `message ${index}`);
    await Promise.all(sent.map((body) => queue.send(message(body))));
    const received = await receiveAll(queue, sent.length);
    expect(bodies(received).sort()).toEqual([...sent].sort());

    const outcomes = await Promise.all(
      [...received.map(({ receipt }) => receipt), 'no receipt'].map((receipt) =>
        queue.ack(receipt),
      ),
    );
    expect(outcomes).toEqual([...received.map(() => 'done'), 'receipt-invalid']);
    expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('counts visible messages and messages in flight', async ({ expect }) => {
    const queue = await newQueue(suffix);
    await Promise.all(['a', 'b', 'c'].map((body) => queue.send(message(body))));
    await receive(queue, { maxMessages: 1 });
    expect(await queue.depth()).toEqual({ visible: 2, inFlight: 1, delayed: 0 });
  });

  test('rejects an aborted poll with the reason and loses no message', async ({ expect }) => {
    const queue = await newQueue(suffix);
    const stop = new AbortController();
    const reason = new Error('draining');
    // A message that is delivered to the aborted poll becomes visible again after its time-out.
    const brief = { waitSeconds: 20, visibilityTimeoutSeconds: 1 };
    const polled = receive(queue, brief, stop.signal);
    // When this call has returned, the first poll is waiting.
    await queue.depth();
    stop.abort(reason);
    await expect(polled).rejects.toBe(reason);
    await expect(receive(queue, {}, stop.signal)).rejects.toBe(reason);
    await queue.send(message('a'));
    expect(bodies(await receive(queue))).toEqual(['a']);
  });
}
