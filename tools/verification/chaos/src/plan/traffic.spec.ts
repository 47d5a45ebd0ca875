import { expect, test } from 'vitest';
import { event } from '../check/testing.ts';
import type { HistoryEvent } from '../history/event.ts';
import { countTraffic } from './traffic.ts';

const form = (batch: string): HistoryEvent =>
  event(0, {
    ...{ kind: 'batched', batch, caller: 'shop', how: 'form', notify: false, offers: ['a'] },
  });
const answered = (batch: string, via: string): HistoryEvent =>
  event(1, { kind: 'batch-answered', batch, via, how: 'post', status: 202, body: {} });
const broken = (offer: string, via: string): HistoryEvent =>
  event(1, { kind: 'broken', offer, via, how: 'post', reason: 'reset' });
const canceled = (offer: string, status: string): HistoryEvent =>
  event(1, {
    ...{ kind: 'answered', offer, via: 'gateway-1', how: 'cancel', status: 200, body: { status } },
  });
const probed = (status: number): HistoryEvent =>
  event(1, {
    ...{ kind: 'probed', path: '/x', owner: 'shop', caller: 'press', key: 'press1' },
    ...{ via: 'gateway-1', beganAt: 1, status },
  });

test.each<[string, HistoryEvent[], Record<string, number>]>([
  [
    'a form that reached both gateways, one of them before its connection broke',
    [form('b'), broken('b', 'gateway-1'), answered('b', 'gateway-2')],
    { forms: 1, 'forms sent to both gateways': 1 },
  ],
  [
    'no form that was repeated at the same gateway',
    [form('b'), broken('b', 'gateway-1'), answered('b', 'gateway-1')],
    { forms: 1, 'forms sent to both gateways': 0 },
  ],
  [
    'a request that was canceled twice once, and none that was completed before',
    [canceled('a', 'canceled'), canceled('a', 'canceled'), canceled('b', 'succeeded')],
    { 'canceled requests': 1 },
  ],
  [
    'no call with a foreign key while S3 could not be reached',
    [probed(503), probed(404)],
    { 'calls with a foreign key': 1 },
  ],
])('counts %s', (_what, events, expected) => {
  expect(countTraffic(events)).toMatchObject(expected);
});
