import { makeProblem } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../history/event.ts';
import { check } from './check.ts';
import type { Rule } from './finding.ts';
import {
  answered,
  asAnswered,
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
  storedAttempts,
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
  workers.map((name, index) => log(3 + index, name, 'attempt.recorded', { requestId: FIRST }));
const died = (...workers: string[]) => workers.map((name) => killed(20, name));
/** A worker that is killed logs no end. */
const ALIVE = [...SETTING, ...released()];

function findings(...parts: HistoryEvent[][]): [Rule, string][] {
  return check([...ALIVE, ...parts.flat()]).map(({ rule, subject }) => [rule, subject]);
}

describe('finds nothing where', () => {
  test.each<[string, HistoryEvent[]]>([
    ['a request is answered with what is stored', GOOD],
    ['a caller reads a result again', [...GOOD, answered('a', asAnswered(succeeded(FIRST)))]],
    [
      'a request was queued before it completed',
      [answered('a', { id: FIRST, status: 'queued' }, 202), ...GOOD],
    ],
    ['a message was sent twice with one request id', [...GOOD, ...GOOD.slice(1, 2)]],
    [
      'a gateway died before it logged the send, and a replay found the result',
      GOOD.filter((each) => !(each.kind === 'log' && each.event === 'request.accepted')),
    ],
    ['a file that is no image is refused', refused('text.png', 'unsupported-media-type')],
    [
      'a broken image fails',
      request('b', SECOND, failed(SECOND, 'invalid-image')).map((each) =>
        each.kind === 'offered' ? { ...each, image: 'broken.png' } : each,
      ),
    ],
    [
      'a gateway died before it logged the send, and a replay found a failure',
      request('b', SECOND, failed(SECOND, 'invalid-image'))
        .filter((each) => !(each.kind === 'log' && each.event === 'request.accepted'))
        .map((each) => (each.kind === 'offered' ? { ...each, image: 'broken.png' } : each)),
    ],
    [
      'a worker was killed after a recorded attempt',
      [...GOOD, ...recorded(OTHER), ...died(OTHER), storedAttempts(FIRST, OTHER)],
    ],
    [
      'another worker replied to a redelivered request with the stored result',
      [
        ...GOOD,
        log(4, OTHER, 'request.completed', {
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
      'an attempt was withdrawn',
      [...GOOD, ...recorded(WORKER), log(5, WORKER, 'attempt.withdrawn', { requestId: FIRST })],
    ],
    [
      'a worker was killed while it withdrew an attempt',
      [...GOOD, ...recorded(WORKER), log(5, WORKER, 'attempt.failed', { requestId: FIRST })],
    ],
    [
      'a request is exhausted after three recorded attempts were killed',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, OTHER),
        ...died(OTHER, THIRD),
        storedAttempts(FIRST, OTHER, THIRD, OTHER),
      ],
    ],
    [
      'an instance was launched after another had terminated',
      [
        fleet(1, ['i-1', 'running', 0], ['i-2', 'running', 0]),
        fleet(2, ['i-1', 'terminated', 0], ['i-2', 'running', 0]),
        fleet(3, ['i-2', 'running', 0], ['i-3', 'launching', 2.5]),
      ],
    ],
    [
      'a silent worker was terminated while it worked',
      [
        event(40, { kind: 'lease', leader: 's', intents: [], terminates: { [OTHER]: 'silent' } }),
        log(41, OTHER, 'app.stopping', { reason: 'SIGTERM' }),
        log(42, OTHER, 'app.stopped'),
      ],
    ],
  ])('%s', (_what, events) => {
    expect(check([...ALIVE, ...events])).toEqual([]);
  });
});

describe('finds that', () => {
  test.each<[string, HistoryEvent[], Rule, string]>([
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
      'an offer was refused as overload and never accepted',
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
      'a result has no offer',
      [...GOOD, stored('input', `${SECOND}/z`), storedResult(succeeded(SECOND))],
      'no result without a request',
      SECOND,
    ],
    ['a result has no image', unlessStored('input'), 'no result without a request', FIRST],
    [
      'an object in the output bucket is not a result',
      [...unlessStored('output'), stored('output', `${FIRST}.json`, '{}')],
      'no result without a request',
      FIRST,
    ],
    [
      'a caller got another label than the stored one',
      [...GOOD, answered('a', asAnswered(succeeded(FIRST, { label: 'ant' })))],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'a result was overwritten by another worker with the same label',
      [...GOOD, answered('a', asAnswered(succeeded(FIRST, { worker: OTHER })))],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'a worker replied with a result that is not stored',
      [
        ...GOOD,
        log(4, WORKER, 'request.completed', {
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
      'a caller got a failure although a success is stored',
      [...GOOD, answered('a', asAnswered(failed(FIRST, 'invalid-image')), 422)],
      'answers agree with what is stored',
      FIRST,
    ],
    [
      'an answer has an unknown form',
      [...GOOD, answered('a', 'hello')],
      'answers agree with what is stored',
      'a',
    ],
    [
      'direct classification gives another label',
      request('a', FIRST, succeeded(FIRST, { label: 'ant' })),
      'answers are right',
      FIRST,
    ],
    [
      'direct classification gives another score',
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
      'an image had five attempts',
      [
        ...GOOD,
        ...recorded(OTHER, THIRD, OTHER, THIRD),
        ...died(OTHER, THIRD),
        storedAttempts(FIRST, OTHER, THIRD, OTHER, THIRD),
      ],
      'at most four attempts',
      FIRST,
    ],
    [
      'an attempt was not recorded',
      [...GOOD, ...recorded(OTHER), ...died(OTHER)],
      'at most four attempts',
      FIRST,
    ],
    [
      'a worker attempted a redelivered request without recording it',
      GOOD.map((each) =>
        each.kind === 'log' && each.event === 'request.completed'
          ? { ...each, receiveCount: 2 }
          : each,
      ),
      'at most four attempts',
      FIRST,
    ],
    [
      'a result counts five attempts',
      request('a', FIRST, succeeded(FIRST, { attempts: 5 })),
      'at most four attempts',
      FIRST,
    ],
    [
      'a good image was exhausted after two killed attempts',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, WORKER),
        ...died(OTHER, THIRD),
        storedAttempts(FIRST, OTHER, THIRD, WORKER),
      ],
      'exhausted only after three killed attempts',
      FIRST,
    ],
    [
      'a good image was exhausted although its workers were killed before their attempts',
      [
        ...request('a', FIRST, exhausted),
        ...recorded(OTHER, THIRD, OTHER),
        ...[OTHER, THIRD].map((name) => killed(1, name)),
        storedAttempts(FIRST, OTHER, THIRD, OTHER),
      ],
      'exhausted only after three killed attempts',
      FIRST,
    ],
    [
      'three instances existed between two listings, where two are allowed',
      [
        fleet(1, ['i-1', 'running', 0], ['i-2', 'stopping', 0]),
        fleet(4, ['i-1', 'running', 0], ['i-2', 'stopping', 0], ['i-3', 'launching', 3.9]),
      ],
      'never more instances than max',
      '2026-11-22T08:00:03.900Z',
    ],
    [
      'a worker was terminated while it worked',
      [log(41, OTHER, 'app.stopping', { reason: 'SIGTERM' }), log(42, OTHER, 'app.stopped')],
      'no busy worker is stopped by scale-in',
      OTHER,
    ],
    [
      'a resumed worker was terminated',
      [
        log(38, OTHER, 'worker.state', { state: 'drained' }),
        log(39, OTHER, 'worker.state', { state: 'working' }),
        log(41, OTHER, 'app.stopping', { reason: 'SIGTERM' }),
        log(42, OTHER, 'app.stopped'),
      ],
      'no busy worker is stopped by scale-in',
      OTHER,
    ],
    [
      'an instance is left',
      [event(99, { kind: 'left', what: 'instance i-1' })],
      'nothing is left running',
      'instance i-1',
    ],
    [
      'a worker ended although nobody had killed it',
      [log(41, OTHER, 'worker.state', { state: 'working' })],
      'no process fails without a kill',
      OTHER,
    ],
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
      'no process fails without a kill',
      'gateway-1',
    ],
    [
      'a gateway answered a request with an internal error',
      [...GOOD, answered('a', makeProblem('internal-error', SECOND, 'x'), 500)],
      'no process fails without a kill',
      'gateway-1',
    ],
  ])('%s', (_what, events, rule, subject) => {
    expect(findings(events)).toContainEqual([rule, subject]);
  });
});
