import { makeProblem } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../history/event.ts';
import { check } from './check.ts';
import type { Promised } from './finding.ts';
import {
  answered,
  asTold,
  event,
  failed,
  FIRST,
  fleet,
  killed,
  log,
  released,
  request,
  SECOND,
  SETTING,
  stored,
  storedResult,
  storedStarts,
  succeeded,
  WORKER,
} from './testing.ts';

const GOOD = request('a', FIRST, succeeded(FIRST));
const exhausted = failed(FIRST, 'attempts-exhausted');
const [OTHER, THIRD] = ['i-0000000000000000b', 'i-0000000000000000c'];
const without = (kind: HistoryEvent['kind'], events = GOOD) =>
  events.filter((each) => each.kind !== kind);
const unlessStored = (bucket: string, events = GOOD) =>
  events.filter((each) => !(each.kind === 'stored' && each.bucket === bucket));
const refused = (
  image: string,
  code: 'unsupported-media-type' | 'invalid-image' | 'overloaded',
) => [
  event(1, { kind: 'offered', offer: 'b', image }),
  answered('b', makeProblem(code, SECOND, 'in a test'), 415),
];
const recorded = (...workers: string[]) =>
  workers.map((name, index) => log(3 + index, name, 'start recorded', { requestId: FIRST }));
const died = (...workers: string[]) => workers.map((name) => killed(20, name));
/** Workers that were killed left no farewell. */
const ALIVE = [...SETTING, ...released()];

function findings(...parts: HistoryEvent[][]): [Promised, string][] {
  return check([...ALIVE, ...parts.flat()]).map(({ promised, subject }) => [promised, subject]);
}

describe('nothing is found where', () => {
  test.each<[string, HistoryEvent[]]>([
    ['a request is answered with what is stored', GOOD],
    ['it is asked for once more', [...GOOD, answered('a', asTold(succeeded(FIRST)))]],
    ['it was queued first', [answered('a', { id: FIRST, status: 'queued' }, 202), ...GOOD]],
    ['it was sent again with the same id', [...GOOD, ...GOOD.slice(1, 2)]],
    [
      'its gateway died before it could log the send, and a replay found the result',
      GOOD.filter((each) => !(each.kind === 'log' && each.msg === 'accepted')),
    ],
    ['no image is refused at the door', refused('text.png', 'unsupported-media-type')],
    [
      'a broken image fails',
      request('b', SECOND, failed(SECOND, 'invalid-image')).map((each) =>
        each.kind === 'offered' ? { ...each, image: 'broken.png' } : each,
      ),
    ],
    [
      'its gateway died so, and a replay found a failure',
      request('b', SECOND, failed(SECOND, 'invalid-image'))
        .filter((each) => !(each.kind === 'log' && each.msg === 'accepted'))
        .map((each) => (each.kind === 'offered' ? { ...each, image: 'broken.png' } : each)),
    ],
    [
      'a worker was killed after a recorded start',
      [...GOOD, ...recorded(OTHER), ...died(OTHER), storedStarts(FIRST, OTHER)],
    ],
    [
      'a redelivered request was answered by another worker with what it found',
      [
        ...GOOD,
        log(4, OTHER, 'answered', {
          requestId: FIRST,
          status: 'succeeded',
          attempts: 1,
          worker: WORKER,
          label: 'ladybug',
          receiveCount: 2,
        }),
        ...released(OTHER),
      ],
    ],
    [
      'a start was taken back',
      [...GOOD, ...recorded(WORKER), log(5, WORKER, 'start withdrawn', { requestId: FIRST })],
    ],
    [
      'a worker was killed as it took a start back',
      [...GOOD, ...recorded(WORKER), log(5, WORKER, 'attempt failed', { requestId: FIRST })],
    ],
    [
      'three recorded starts were killed and it is exhausted',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, OTHER),
        ...died(OTHER, THIRD),
        storedStarts(FIRST, OTHER, THIRD, OTHER),
      ],
    ],
    [
      'an instance was launched when another had gone',
      [
        fleet(1, ['i-1', 'running', 0], ['i-2', 'running', 0]),
        fleet(2, ['i-1', 'terminated', 0], ['i-2', 'running', 0]),
        fleet(3, ['i-2', 'running', 0], ['i-3', 'launching', 2.5]),
      ],
    ],
    [
      'a worker that could not be heard was terminated at work',
      [
        event(40, { kind: 'lease', leader: 's', intents: [], terminates: { [OTHER]: 'silent' } }),
        log(41, OTHER, 'stopping', { reason: 'SIGTERM' }),
        log(42, OTHER, 'stopped'),
      ],
    ],
  ])('%s', (_what, events) => {
    expect(check([...ALIVE, ...events])).toEqual([]);
  });
});

describe('it is found that', () => {
  test.each<[string, HistoryEvent[], Promised, string]>([
    ['an accepted request has no result', unlessStored('output'), 'nothing is lost', FIRST],
    [
      'a queued request has no result',
      [
        event(1, { kind: 'offered', offer: 'a', image: 'ladybug.png' }),
        answered('a', { id: FIRST, status: 'queued' }, 202),
      ],
      'nothing is lost',
      FIRST,
    ],
    ['an offer got no answer', without('answered'), 'nothing is lost', 'a'],
    [
      'an offer was refused for want of room and never taken',
      refused('ladybug.png', 'overloaded'),
      'nothing is lost',
      'b',
    ],
    [
      'one offer became two requests',
      [...GOOD, stored('input', `${SECOND}/a`), storedResult(succeeded(SECOND))],
      'nothing is doubled',
      'a',
    ],
    [
      'there is a result that nobody asked for',
      [...GOOD, stored('input', `${SECOND}/z`), storedResult(succeeded(SECOND))],
      'no result without a request',
      SECOND,
    ],
    [
      'there is a result without an image',
      unlessStored('input'),
      'no result without a request',
      FIRST,
    ],
    [
      'what lies there is no result',
      [...unlessStored('output'), stored('output', `${FIRST}.json`, '{}')],
      'no result without a request',
      FIRST,
    ],
    [
      'a caller was told another label than the stored one',
      [...GOOD, answered('a', asTold(succeeded(FIRST, { label: 'ant' })))],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'a result was written over: the same label, by another worker',
      [...GOOD, answered('a', asTold(succeeded(FIRST, { worker: OTHER })))],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'a worker replied with what is not stored',
      [
        ...GOOD,
        log(4, WORKER, 'answered', {
          requestId: FIRST,
          status: 'succeeded',
          attempts: 2,
          worker: WORKER,
          label: 'ladybug',
        }),
      ],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'a caller was told of a failure where a success is stored',
      [...GOOD, answered('a', asTold(failed(FIRST, 'invalid-image')), 422)],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'an answer makes no sense',
      [...GOOD, answered('a', 'hello')],
      'answers agree with what is stored',
      'a',
    ],
    [
      'direct classification says something else',
      request('a', FIRST, succeeded(FIRST, { label: 'ant' })),
      'answers are right',
      FIRST,
    ],
    [
      'direct classification is a little surer',
      request(
        'a',
        FIRST,
        succeeded(FIRST, {
          predictions: [{ label: 'ladybug', score: 0.8, classIndex: 301 }],
        }),
      ),
      'answers are right',
      FIRST,
    ],
    [
      'a good image failed',
      request('a', FIRST, failed(FIRST, 'invalid-image')),
      'answers are right',
      FIRST,
    ],
    [
      'a good image was refused',
      refused('ladybug.png', 'unsupported-media-type'),
      'answers are right',
      'b',
    ],
    [
      'an image was refused for the wrong reason',
      refused('text.png', 'invalid-image'),
      'answers are right',
      'b',
    ],
    [
      'an image was started five times',
      [
        ...GOOD,
        ...recorded(OTHER, THIRD, OTHER, THIRD),
        ...died(OTHER, THIRD),
        storedStarts(FIRST, OTHER, THIRD, OTHER, THIRD),
      ],
      'at most four starts',
      FIRST,
    ],
    [
      'a start was not written down',
      [...GOOD, ...recorded(OTHER), ...died(OTHER)],
      'at most four starts',
      FIRST,
    ],
    [
      'a worker started on what had been delivered before, and wrote nothing down',
      GOOD.map((each) =>
        each.kind === 'log' && each.msg === 'answered' ? { ...each, receiveCount: 2 } : each,
      ),
      'at most four starts',
      FIRST,
    ],
    [
      'a result tells of five attempts',
      request('a', FIRST, succeeded(FIRST, { attempts: 5 })),
      'at most four starts',
      FIRST,
    ],
    [
      'a good image was given up after two killed starts',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, WORKER),
        ...died(OTHER, THIRD),
        storedStarts(FIRST, OTHER, THIRD, WORKER),
      ],
      'exhausted only after three killed starts',
      FIRST,
    ],
    [
      'its workers were killed before they started on it',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, OTHER),
        ...[OTHER, THIRD].map((name) => killed(1, name)),
        storedStarts(FIRST, OTHER, THIRD, OTHER),
      ],
      'exhausted only after three killed starts',
      FIRST,
    ],
    [
      'there were three instances where two are allowed, for less than a listing',
      [
        fleet(1, ['i-1', 'running', 0], ['i-2', 'stopping', 0]),
        fleet(4, ['i-1', 'running', 0], ['i-2', 'stopping', 0], ['i-3', 'launching', 3.9]),
      ],
      'never more instances than max',
      '2026-11-22T08:00:03.900Z',
    ],
    [
      'a worker was terminated at work',
      [log(41, OTHER, 'stopping', { reason: 'SIGTERM' }), log(42, OTHER, 'stopped')],
      'no busy worker is stopped by scale-in',
      OTHER,
    ],
    [
      'a worker was terminated that had been called back',
      [
        log(38, OTHER, 'worker state', { state: 'drained' }),
        log(39, OTHER, 'worker state', { state: 'working' }),
        log(41, OTHER, 'stopping', { reason: 'SIGTERM' }),
        log(42, OTHER, 'stopped'),
      ],
      'no busy worker is stopped by scale-in',
      OTHER,
    ],
    [
      'something is left',
      [event(99, { kind: 'left', what: 'instance i-1' })],
      'nothing is left running',
      'instance i-1',
    ],
    ['a worker ended by itself', [log(41, OTHER, 'working')], 'nothing breaks by itself', OTHER],
    [
      'a gateway crashed',
      [
        event(9, {
          kind: 'ended',
          role: 'gateway',
          name: 'gateway-1',
          code: 1,
          signal: null,
          asked: false,
          tooEarly: false,
        }),
      ],
      'nothing breaks by itself',
      'gateway-1',
    ],
    [
      'a gateway failed at a request',
      [...GOOD, answered('a', makeProblem('internal-error', SECOND, 'x'), 500)],
      'nothing breaks by itself',
      'gateway-1',
    ],
  ])('%s', (_what, events, promised, subject) => {
    expect(findings(events)).toContainEqual([promised, subject]);
  });
});
