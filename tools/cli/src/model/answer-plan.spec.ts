import { expect, it } from 'vitest';
import { planResponse } from './answer-plan.ts';

const refused = (detail: string) => ({ kind: 'refused', detail });
const broken = (detail: string) => ({ kind: 'broken', detail });

it.each([
  // The number of downloaded bytes of 100; the response; the plan.
  [0, { status: 200, contentLength: '100' }, { kind: 'whole' }],
  [0, { status: 200 }, { kind: 'whole' }],
  [40, { status: 200, contentLength: '100' }, { kind: 'whole' }],
  [
    0,
    { status: 200, contentLength: '131' },
    refused("the server's file has 131 bytes instead of 100"),
  ],
  [40, { status: 206, contentRange: 'bytes 40-99/100' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 40-59/100' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 40-99/*' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 0-99/100' }, { kind: 'start-over' }],
  [40, { status: 206 }, { kind: 'start-over' }],
  [
    40,
    { status: 206, contentRange: 'bytes 40-119/120' },
    refused("the server's file has 120 bytes instead of 100"),
  ],
  [
    0,
    { status: 206, contentRange: 'bytes 0-99/100' },
    refused('the server sends a range that was not requested'),
  ],
  [40, { status: 416 }, { kind: 'start-over' }],
  [0, { status: 416 }, refused('the server responds with 416')],
  [0, { status: 404 }, refused('the server responds with 404')],
  [40, { status: 403 }, refused('the server responds with 403')],
  [0, { status: 429 }, broken('the server responds with 429')],
  [40, { status: 503 }, broken('the server responds with 503')],
])('with %i of 100 bytes downloaded, plans %j', (have, answer, plan) => {
  const nothing = { contentRange: null, contentLength: null };
  expect(planResponse({ ...nothing, ...answer }, have, { bytes: 100 })).toEqual(plan);
});
