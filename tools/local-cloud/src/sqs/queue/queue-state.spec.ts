import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FifoOrder } from '../order/fifo-order.ts';
import type { Message } from '../message/message.ts';
import { QueueState } from './queue-state.ts';
import { StandardOrder } from '../order/standard-order.ts';

const RETENTION_MS = 1_000_000;

function newMessage(state: QueueState, overrides: Partial<Message> = {}): Message {
  const sequence = state.nextSequence();
  return {
    id: String(sequence),
    sequence,
    body: '',
    attributes: {},
    systemAttributes: {},
    groupId: undefined,
    deduplicationId: undefined,
    sentAtMs: 0,
    deadLetterSourceArn: undefined,
    state: 'visible',
    availableAtMs: 0,
    changedAtMs: undefined,
    receiveCount: 0,
    firstReceivedAtMs: undefined,
    lastReceivedAtMs: undefined,
    receiptNonce: undefined,
    ...overrides,
  };
}

function newState(order = new StandardOrder()): QueueState {
  return new QueueState(order, { added: () => {}, changed: () => {}, removed: () => {} });
}

function take(state: QueueState, nowMs: number, options: { max?: number; visibilityMs?: number }) {
  return state.take({
    max: options.max ?? 10,
    visibilityMs: options.visibilityMs ?? 30_000,
    nowMs,
    receipt: () => 'receipt',
    exceeded: () => false,
  });
}

describe('the messages of a queue', () => {
  test('become visible at the millisecond at which they are due', () => {
    const state = newState();
    state.add(newMessage(state, { state: 'delayed', availableAtMs: 500 }));
    state.advance(499, RETENTION_MS);
    expect(state.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(state.nextDueMs()).toBe(500);
    state.advance(500, RETENTION_MS);
    expect(state.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(state.nextDueMs()).toBeUndefined();
  });

  test('are due at the time of the last visibility change', () => {
    const state = newState();
    state.add(newMessage(state));
    const [message] = take(state, 0, { visibilityMs: 100 });
    if (message === undefined) throw new Error('no message was received');
    state.hide(message, 0, 1000); // longer
    state.advance(999, RETENTION_MS);
    expect(state.counts().inFlight).toBe(1);
    state.hide(message, 0, 999); // and back
    state.advance(999, RETENTION_MS);
    expect(state.counts().visible).toBe(1);
  });

  test('are dropped when they are older than the retention period, in flight or not', () => {
    const state = newState();
    for (const sentAtMs of [0, 0, 50]) state.add(newMessage(state, { sentAtMs }));
    take(state, 0, { max: 1 });
    state.advance(100, 100);
    expect(state.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test('are unchanged after their receive is undone', () => {
    const state = newState();
    state.add(newMessage(state));
    const [message] = take(state, 5, {});
    if (message === undefined) throw new Error('no message was received');
    state.undoTake(message, 6);
    expect(message).toMatchObject({ receiveCount: 0, firstReceivedAtMs: undefined });
    expect(take(state, 7, {})).toEqual([message]);
  });
});

/** Generates sequences of sends, receives, deletes, visibility extensions and waits. */
const steps = fc.array(
  fc.oneof(
    fc.record({ send: fc.constantFrom('a', 'b', 'c'), delayMs: fc.constantFrom(0, 0, 40) }),
    fc.record({ take: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ delete: fc.nat() }),
    fc.record({ hide: fc.nat(), forMs: fc.constantFrom(0, 10, 80) }),
    fc.record({ passMs: fc.integer({ min: 0, max: 60 }) }),
  ),
  { minLength: 40, maxLength: 120 },
);

test.each([
  ['standard', () => new StandardOrder()],
  ['FIFO', () => new FifoOrder()],
])('the counts of a %s queue are right after every sequence of operations', (kind, order) => {
  fc.assert(
    fc.property(steps, (history) => {
      const state = new QueueState(order(), {
        added: () => {},
        changed: () => {},
        removed: () => {},
      });
      const alive = new Set<Message>();
      let nowMs = 0;
      for (const step of history) {
        const flying = [...alive].filter((message) => message.state === 'in-flight');
        if ('send' in step) {
          const message = newMessage(state, {
            groupId: step.send,
            sentAtMs: nowMs,
            // A FIFO queue's delay is the same for all its messages.
            state: step.delayMs > 0 && kind === 'standard' ? 'delayed' : 'visible',
            availableAtMs: nowMs + step.delayMs,
          });
          alive.add(message);
          state.add(message);
        } else if ('take' in step) {
          const taken = take(state, nowMs, { max: step.take, visibilityMs: 30 });
          expect(taken.length).toBeLessThanOrEqual(step.take);
          if (kind === 'FIFO') expectInOrder(taken, alive);
        } else if ('delete' in step) {
          const message = flying[step.delete % flying.length];
          if (message !== undefined) {
            state.remove(message);
            alive.delete(message);
          }
        } else if ('hide' in step) {
          const message = flying[step.hide % flying.length];
          if (message !== undefined) state.hide(message, nowMs, step.forMs);
        } else nowMs += step.passMs;
        state.advance(nowMs, RETENTION_MS);
        const inState = (name: Message['state']) =>
          [...alive].filter((message) => message.state === name).length;
        expect(state.counts()).toEqual({
          visible: inState('visible'),
          inFlight: inState('in-flight'),
          delayed: inState('delayed'),
        });
        for (const message of alive) {
          if (message.state !== 'visible') expect(message.availableAtMs).toBeGreaterThan(nowMs);
        }
      }
      expectAllDelivered(state, alive, nowMs);
    }),
  );
});

/** Checks that only the first message of each group is delivered, and none after a message in flight. */
function expectInOrder(taken: readonly Message[], alive: ReadonlySet<Message>): void {
  for (const message of taken) {
    const earlier = [...alive].filter(
      ({ groupId, sequence }) => groupId === message.groupId && sequence < message.sequence,
    );
    expect(taken).toEqual(expect.arrayContaining(earlier));
  }
}

/** Checks that every message is delivered in the end. */
function expectAllDelivered(state: QueueState, alive: Set<Message>, startMs: number): void {
  let nowMs = startMs;
  for (let round = 0; alive.size > 0; round += 1) {
    expect(round).toBeLessThan(500);
    nowMs += 100;
    state.advance(nowMs, RETENTION_MS);
    for (const message of take(state, nowMs, {})) {
      state.remove(message);
      expect(alive.delete(message)).toBe(true);
    }
  }
}
