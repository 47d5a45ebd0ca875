import { expect, test } from 'vitest';

import { MessageLedger, type Delivery } from './message-ledger.ts';
import { Register } from './register.ts';

/** Called at 1000, answered at 1010, hidden until 3000. */
const delivery = (changes: Partial<Delivery> = {}): Delivery => ({
  body: 'm',
  messageId: 'id',
  receiveCount: 1,
  sentAtMs: 10,
  firstReceivedAtMs: 1005,
  askedAtMs: 1000,
  answeredAtMs: 1010,
  visibilityMs: 2000,
  ...changes,
});
const later = (changes: Partial<Delivery> = {}) =>
  delivery({ receiveCount: 2, askedAtMs: 5000, answeredAtMs: 5010, ...changes });

function received(): MessageLedger {
  const ledger = new MessageLedger('message');
  ledger.sending('m', 0);
  ledger.sent('m');
  ledger.received(delivery());
  return ledger;
}

function deletedAt(nowMs: number): MessageLedger {
  const ledger = received();
  ledger.changing('m', 'delete');
  ledger.deleted('m', delivery(), nowMs);
  return ledger;
}

test.each<[string, MessageLedger, Delivery, string]>([
  ['a receive count that stays', received(), later({ receiveCount: 1 }), 'from 1 to 1'],
  ['another id', received(), later({ messageId: 'other' }), 'messageId'],
  ['another send time', received(), later({ sentAtMs: 11 }), 'sentAtMs'],
  ['another first receive', received(), later({ firstReceivedAtMs: 5005 }), 'firstReceived'],
  ['a delivery in flight', received(), later({ answeredAtMs: 2999 }), '1 ms too early'],
  ['a deleted message', deletedAt(1500), later(), 'after its delete was acknowledged'],
  ['a message of nobody', received(), later({ body: 'x' }), 'was never sent'],
])('throws a violation for %s', (_what, ledger, seen, violation) => {
  expect(() => ledger.received(seen)).toThrow(violation);
});

test.each<[string, MessageLedger]>([
  ['a message whose time has run out', received()],
  ['a deleted one whose receipt may have been overtaken', deletedAt(3000)],
])('allows the delivery of %s', (_what, ledger) => {
  ledger.received(later());
});

test('throws when an acknowledged message is lost', () => {
  expect(() => received().checkDrained()).toThrow('is lost');
  deletedAt(1500).checkDrained();
});

test('accepts the last value, and later ones without an answer', () => {
  const place = new Register('object', 'a');
  place.written('b', 'done');
  place.written('c', 'unknown');
  place.read('c');
  expect(() => place.read('b')).toThrow('is b, expected c');
});
