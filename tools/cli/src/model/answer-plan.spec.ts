import { expect, it } from 'vitest';
import { planAnswer } from './answer-plan.ts';

const refused = (detail: string) => ({ kind: 'refused', detail });
const broken = (detail: string) => ({ kind: 'broken', detail });

it.each([
  // Of 100 bytes, so many are here; the answer; what is done.
  [0, { status: 200, contentLength: '100' }, { kind: 'whole' }],
  [0, { status: 200 }, { kind: 'whole' }],
  [40, { status: 200, contentLength: '100' }, { kind: 'whole' }],
  [0, { status: 200, contentLength: '131' }, refused("the server's file has 131 bytes, not 100")],
  [40, { status: 206, contentRange: 'bytes 40-99/100' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 40-59/100' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 40-99/*' }, { kind: 'append' }],
  [40, { status: 206, contentRange: 'bytes 0-99/100' }, { kind: 'start-over' }],
  [40, { status: 206 }, { kind: 'start-over' }],
  [
    40,
    { status: 206, contentRange: 'bytes 40-119/120' },
    refused("the server's file has 120 bytes, not 100"),
  ],
  [
    0,
    { status: 206, contentRange: 'bytes 0-99/100' },
    refused('the server gives a part that was not asked for'),
  ],
  [40, { status: 416 }, { kind: 'start-over' }],
  [0, { status: 416 }, refused('the server answers 416')],
  [0, { status: 404 }, refused('the server answers 404')],
  [40, { status: 403 }, refused('the server answers 403')],
  [0, { status: 429 }, broken('the server answers 429')],
  [40, { status: 503 }, broken('the server answers 503')],
])('with %i of 100 bytes here, %j', (have, answer, plan) => {
  const nothing = { contentRange: null, contentLength: null };
  expect(planAnswer({ ...nothing, ...answer }, have, { bytes: 100 })).toEqual(plan);
});
