import {
  encodeAttemptRecord,
  encodeStoredResult,
  failedResult,
  type AttemptRecord,
  type FailedResult,
  type StoredResult,
  type SucceededResult,
} from '@labelfleet/contracts';
import {
  ANYWHERE,
  type EventOf,
  type Expected,
  type Happening,
  type HistoryEvent,
  type How,
} from '../history/event.ts';

/** The time of an event, some seconds after the start of a test's run. */
export const second = (seconds: number) => Date.parse('2026-11-22T08:00:00Z') + seconds * 1000;
const iso = (seconds: number) => new Date(second(seconds)).toISOString();

/** Two valid request ids. */
export const [FIRST, SECOND] = [
  '01928d5c-0000-7000-8000-000000000001',
  '01928d5c-0000-7000-8000-000000000002',
] as const;
export const WORKER = 'i-0000000000000000a';

export const event = (seconds: number, happening: Happening): HistoryEvent => ({
  ...happening,
  at: second(seconds),
});

const LADYBUG = [{ label: 'ladybug', score: 0.9, classIndex: 301 }];

export const succeeded = (id: string, fields: Partial<SucceededResult> = {}): SucceededResult => ({
  v: 1,
  id,
  caller: 'shop',
  submittedAt: iso(1),
  completedAt: iso(2),
  attempts: 1,
  worker: WORKER,
  status: 'succeeded',
  label: 'ladybug',
  predictions: LADYBUG,
  model: { name: 'model', version: '1', sha256: 'ab' },
  timings: { queuedMs: 1, fetchMs: 1, decodeMs: 1, inferMs: 1, totalMs: 4 },
  ...fields,
});

export const failed = (id: string, code: 'attempts-exhausted' | 'invalid-image'): FailedResult =>
  failedResult(
    { requestId: id, submittedAt: iso(1), caller: 'shop' },
    { code, detail: 'in a test' },
    { now: second(2), attempts: 3, worker: WORKER },
  );

export const stored = (bucket: EventOf<'stored'>['bucket'], key: string, body = ''): HistoryEvent =>
  event(100, { kind: 'stored', bucket, key, body });

export const storedResult = (result: StoredResult) =>
  stored('output', `${result.id}.json`, encodeStoredResult(result));

/** An attempt record with attempts by these workers, one a second from second 3. */
export const storedAttempts = (id: string, ...workers: string[]) => {
  const attempts: AttemptRecord['attempts'] = workers.map((worker, index) => ({
    nonce: `n${index}`,
    worker,
    at: iso(3 + index),
    endsAt: iso(30 + index),
  }));
  return stored('state', `attempts/${id}`, encodeAttemptRecord({ v: 1, attempts }));
};

export const offered = (offer: string, image: string, fields: Partial<EventOf<'offered'>> = {}) =>
  event(1, { kind: 'offered', offer, image, caller: 'shop', notify: false, ...fields });

export const answered = (
  offer: string,
  body: unknown,
  status = 200,
  how: How = 'post',
): HistoryEvent => event(3, { kind: 'answered', offer, via: 'gateway-1', how, status, body });

const who = (name: string) =>
  ({ role: name.startsWith('i-') ? 'worker' : 'gateway', name }) as const;

export const log = (
  seconds: number,
  name: string,
  eventName: string,
  fields: Partial<EventOf<'log'>> = {},
): HistoryEvent =>
  event(seconds, {
    kind: 'log',
    ...who(name),
    level: 'info',
    event: eventName,
    msg: eventName,
    ...fields,
  });

export const killed = (seconds: number, name: string, how = ANYWHERE): HistoryEvent =>
  event(seconds, { kind: 'killed', ...who(name), pid: 1, ...how });

export const fleet = (seconds: number, ...instances: [id: string, state: string, from: number][]) =>
  event(seconds, {
    kind: 'fleet',
    instances: instances.map(([id, state, from]) => ({ id, state, launchedAt: second(from) })),
  });

/** The events of an offer that was accepted, completed and answered. */
export const request = (
  offer: string,
  id: string,
  result: StoredResult,
  image = 'ladybug.png',
): HistoryEvent[] => [
  offered(offer, image),
  log(1, 'gateway-1', 'request.accepted', { requestId: id, imageKey: `${id}/${offer}` }),
  log(2, WORKER, 'request.completed', {
    requestId: id,
    status: result.status,
    attempts: result.attempts,
    ...(result.worker === undefined ? {} : { worker: result.worker }),
    ...(result.status === 'succeeded' && { label: result.label ?? undefined }),
    ...(result.status === 'failed' && { problem: result.problem.type }),
  }),
  answered(offer, asAnswered(result), result.status === 'failed' ? 500 : 200),
  stored('input', `${id}/${offer}`),
  storedResult(result),
];

/** The body of the answer to a POST. */
export const asAnswered = (result: StoredResult): unknown =>
  result.status === 'failed' ? result.problem : asShown(result);

/** A result as callers see it. */
export const asShown = (result: StoredResult): unknown =>
  JSON.parse(JSON.stringify({ ...result, v: undefined, caller: undefined, links: {} }));

const anImage = (image: string, expected: Expected) => event(0, { kind: 'image', image, expected });

/** The events before the first offer. */
export const SETTING: readonly HistoryEvent[] = [
  event(0, { kind: 'run', seed: 1, maxWorkers: 2, minutes: 1 }),
  anImage('ladybug.png', { kind: 'classified', predictions: LADYBUG }),
  anImage('broken.png', { kind: 'failed', problem: 'invalid-image' }),
  anImage('text.png', { kind: 'refused', problem: 'unsupported-media-type' }),
];

/** The log of a worker that drains and ends. */
export const released = (name = WORKER): HistoryEvent[] => [
  log(50, name, 'worker.state', { state: 'draining' }),
  log(51, name, 'worker.state', { state: 'drained' }),
  log(52, name, 'app.stopping', { reason: 'SIGTERM' }),
  log(53, name, 'app.stopped'),
];
