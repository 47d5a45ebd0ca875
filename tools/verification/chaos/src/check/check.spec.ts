import {
  canceledResult as makeCanceled,
  makeProblem,
  type StoredResult,
} from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import type { EventOf, HistoryEvent } from '../history/event.ts';
import { check, type Rule, type TrafficRule } from './check.ts';
import {
  answered,
  asAnswered,
  event,
  failed,
  FIRST,
  fleet,
  killed,
  log,
  offered,
  released,
  request,
  second,
  SECOND,
  SETTING,
  stored,
  storedResult,
  storedAttempts,
  succeeded,
  WORKER,
} from './testing.ts';

/** An offer that was accepted, completed and answered; with other fields of its result, or another result. */
const good = (fields: Parameters<typeof succeeded>[1] = {}) =>
  request('a', FIRST, succeeded(FIRST, fields));
const GOOD = good();
const ends = (result: StoredResult) => request('a', FIRST, result);
const exhausted = ends(failed(FIRST, 'attempts-exhausted'));
const invalid = failed(SECOND, 'invalid-image');
/** An accepted image that fails. */
const BROKEN = request('b', SECOND, invalid, 'broken.png');
const [OTHER, THIRD] = ['i-0000000000000000b', 'i-0000000000000000c'];
const without = (kind: HistoryEvent['kind']) => GOOD.filter((each) => each.kind !== kind);
const notStored = (bucket: string) =>
  GOOD.filter((each) => !(each.kind === 'stored' && each.bucket === bucket));
/** A gateway died before it logged the send, and a replay found the result. */
const unlogged = (events: HistoryEvent[]) =>
  events.filter((each) => !(each.kind === 'log' && each.event === 'request.accepted'));
const refused = (image: string, code: Parameters<typeof makeProblem>[0]) => [
  offered('b', image),
  answered('b', makeProblem(code, SECOND, 'in a test'), 415),
];
const { submittedAt } = invalid;
const canceledResult = makeCanceled({ requestId: FIRST, submittedAt, caller: 'shop' }, second(2));
const canceling = event(1, { kind: 'canceling', offer: 'a', requestId: FIRST });
const canceled = [...ends(canceledResult), canceling];
const queued = answered('a', { id: FIRST, status: 'queued' }, 202);
const recorded = (...workers: string[]) =>
  workers.map((name, index) => log(3 + index, name, 'attempt.recorded', { requestId: FIRST }));
/** Recorded attempts, and kills of their workers. */
const attempted = (workers: string[], killedOnes = workers, killedAt = 20) => [
  ...recorded(...workers),
  ...[...new Set(killedOnes)].map((name) => killed(killedAt, name)),
  storedAttempts(FIRST, ...workers),
];
const completed = (name: string, fields: Partial<EventOf<'log'>>) =>
  log(4, name, 'request.completed', {
    requestId: FIRST,
    status: 'succeeded',
    attempts: 1,
    worker: WORKER,
    label: 'ladybug',
    ...fields,
  });
const logged = (eventName: string) => log(5, WORKER, eventName, { requestId: FIRST });
const terminated = [
  log(41, OTHER, 'app.stopping', { reason: 'SIGTERM' }),
  log(42, OTHER, 'app.stopped'),
];
const moved = (state: string, seconds = 38) => log(seconds, OTHER, 'worker.state', { state });
const running = (id: string): [string, string, number] => [id, 'running', 0];

/** A worker that is killed logs no end. */
const ALIVE = [...SETTING, ...released()];
const findings = (events: readonly HistoryEvent[]) =>
  check([...ALIVE, ...events]).map(({ rule, subject }): [Rule, string] => [rule, subject]);

test.each<[string, HistoryEvent[]]>([
  ['a request is answered with what is stored', GOOD],
  ['a caller reads a result again', [...GOOD, answered('a', asAnswered(succeeded(FIRST)))]],
  ['a request was queued before it completed', [queued, ...GOOD]],
  ['a message was sent twice with one request id', [...GOOD, ...GOOD.slice(1, 2)]],
  ['a send was not logged', unlogged(GOOD)],
  ['a send of an image that fails was not logged', unlogged(BROKEN)],
  ['a file that is no image is refused', refused('text.png', 'unsupported-media-type')],
  ['a broken image fails', BROKEN],
  ['a request was canceled', canceled],
  ['a request was completed before it could be canceled', [...GOOD, canceling]],
  ['a worker was killed after a recorded attempt', [...GOOD, ...attempted([OTHER])]],
  [
    'another worker replied to a redelivered request with the stored result',
    [...GOOD, completed(OTHER, { receiveCount: 2 }), ...released(OTHER)],
  ],
  ['an attempt was withdrawn', [...GOOD, ...recorded(WORKER), logged('attempt.withdrawn')]],
  [
    'a worker was killed while it withdrew an attempt',
    [...GOOD, ...recorded(WORKER), logged('attempt.failed')],
  ],
  [
    'a request is exhausted after three recorded attempts were killed',
    [...exhausted, ...attempted([OTHER, THIRD, OTHER])],
  ],
  [
    'an instance was launched after another had terminated',
    [
      fleet(1, running('i-1'), running('i-2')),
      fleet(2, ['i-1', 'terminated', 0], running('i-2')),
      fleet(3, running('i-2'), ['i-3', 'launching', 2.5]),
    ],
  ],
  [
    'a silent worker was terminated while it worked',
    [
      event(40, { kind: 'lease', leader: 's', intents: [], terminates: { [OTHER]: 'silent' } }),
      ...terminated,
    ],
  ],
])('finds nothing where %s', (_what, events) => {
  expect(check([...ALIVE, ...events])).toEqual([]);
});

const BREACHES: Record<
  Exclude<Rule, TrafficRule>,
  [what: string, subject: string, events: HistoryEvent[]][]
> = {
  'nothing is lost': [
    ['an accepted request has no result', FIRST, notStored('output')],
    ['a queued request has no result', FIRST, [offered('a', 'ladybug.png'), queued]],
    ['an offer got no answer', 'a', without('answered')],
    ['an overloaded offer was never accepted', 'b', refused('ladybug.png', 'overloaded')],
  ],
  'nothing is doubled': [
    [
      'one offer became two requests',
      'a',
      [...GOOD, stored('input', `${SECOND}/a`), storedResult(succeeded(SECOND))],
    ],
    [
      'a caller was shown the request of another offer',
      'a',
      [...GOOD, ...BROKEN, answered('a', asAnswered(succeeded(SECOND)))],
    ],
  ],
  'no result without a request': [
    [
      'a result has no offer',
      SECOND,
      [...GOOD, stored('input', `${SECOND}/z`), storedResult(succeeded(SECOND))],
    ],
    ['a result has no image', FIRST, notStored('input')],
    [
      'an object in the output bucket is not a result',
      FIRST,
      [...notStored('output'), stored('output', `${FIRST}.json`, '{}')],
    ],
  ],
  'answers agree with what is stored': [
    [
      'a caller got another label than the stored one',
      FIRST,
      [...GOOD, answered('a', asAnswered(succeeded(FIRST, { label: 'ant' })))],
    ],
    [
      'a result was overwritten by another worker with the same label',
      FIRST,
      [...GOOD, answered('a', asAnswered(succeeded(FIRST, { worker: OTHER })))],
    ],
    [
      'a worker replied with a result that is not stored',
      FIRST,
      [...GOOD, completed(WORKER, { attempts: 2 })],
    ],
    [
      'a caller got a failure although a success is stored',
      FIRST,
      [...GOOD, answered('a', asAnswered(failed(FIRST, 'invalid-image')), 422)],
    ],
    [
      'a canceled request is shown as still queued',
      FIRST,
      [...canceled, answered('a', { id: FIRST, status: 'queued' }, 200, 'cancel')],
    ],
    [
      'a completed request is shown as queued after a restart',
      FIRST,
      [...GOOD, event(2, { kind: 'phase', name: 'quiet' }), queued],
    ],
    ['an answer has an unknown form', 'a', [...GOOD, answered('a', 'hello')]],
  ],
  'answers are right': [
    ['direct classification gives another label', FIRST, good({ label: 'ant' })],
    [
      'direct classification gives another score',
      FIRST,
      good({ predictions: [{ label: 'ladybug', score: 0.8, classIndex: 301 }] }),
    ],
    ['a request was canceled that nobody wanted to cancel', FIRST, ends(canceledResult)],
    ['a good image failed', FIRST, ends(failed(FIRST, 'invalid-image'))],
    ['a good image was refused', 'b', refused('ladybug.png', 'unsupported-media-type')],
    ['an image was refused for the wrong reason', 'b', refused('text.png', 'invalid-image')],
  ],
  'at most four attempts': [
    ['an image had five attempts', FIRST, [...GOOD, ...attempted([OTHER, THIRD, OTHER, THIRD])]],
    ['an attempt was not recorded', FIRST, [...GOOD, ...recorded(OTHER), killed(20, OTHER)]],
    [
      'a worker attempted a redelivered request without recording it',
      FIRST,
      GOOD.map((each) =>
        each.kind === 'log' && each.event === 'request.completed'
          ? { ...each, receiveCount: 2 }
          : each,
      ),
    ],
    ['a result counts five attempts', FIRST, good({ attempts: 5 })],
  ],
  'exhausted only after three killed attempts': [
    [
      'a good image was exhausted after two killed attempts',
      FIRST,
      [...exhausted, ...attempted([OTHER, THIRD, WORKER], [OTHER, THIRD])],
    ],
    [
      'a good image was exhausted although its workers were killed before their attempts',
      FIRST,
      [...exhausted, ...attempted([OTHER, THIRD, OTHER], [OTHER, THIRD], 1)],
    ],
  ],
  'never more instances than max': [
    [
      'three instances existed between two listings, where two are allowed',
      '2026-11-22T08:00:03.900Z',
      [
        fleet(1, running('i-1'), ['i-2', 'stopping', 0]),
        fleet(4, running('i-1'), ['i-2', 'stopping', 0], ['i-3', 'launching', 3.9]),
      ],
    ],
  ],
  'no busy worker is stopped by scale-in': [
    ['a worker was terminated while it worked', OTHER, terminated],
    [
      'a resumed worker was terminated',
      OTHER,
      [moved('drained'), moved('working', 39), ...terminated],
    ],
  ],
  'nothing is left running': [
    ['an instance is left', 'instance i-1', [event(99, { kind: 'left', what: 'instance i-1' })]],
  ],
  'no process fails without a kill': [
    ['a worker ended although nobody had killed it', OTHER, [moved('working')]],
    [
      'a gateway crashed',
      'gateway-1',
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
    ],
    [
      'a gateway answered a request with an internal error',
      'gateway-1',
      [...GOOD, answered('a', makeProblem('internal-error', SECOND, 'x'), 500)],
    ],
  ],
};

describe.each(Object.entries(BREACHES))('%s:', (rule, breaches) => {
  test.each(breaches)('finds that %s', (_what, subject, events) => {
    expect(findings(events)).toContainEqual([rule, subject]);
  });
});
