import { MAX_RECORDED_ATTEMPTS } from '@labelfleet/contracts';
import { isExhausted } from './answers.ts';
import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

type Line = Evidence['logs'][number];

/** The first attempt is not recorded. */
const MOST_ATTEMPTS = MAX_RECORDED_ATTEMPTS + 1;

/** After these events the record may lack the attempt, though its worker died before it could log that. */
const MAY_WITHDRAW: (string | undefined)[] = [
  'attempt.interrupted',
  'attempt.failed',
  'attempt.withdrawn',
];

/** A request has at most four attempts, and all but the first are recorded. */
export function findTooManyAttempts(evidence: Evidence): Broken[] {
  const { logs, records, results } = evidence;
  const lines = Map.groupBy(
    logs.filter(({ role, requestId }) => role === 'worker' && requestId !== undefined),
    ({ requestId = '' }) => requestId,
  );
  return [...new Set([...lines.keys(), ...results.keys()])].flatMap((requestId) => {
    const own = lines.get(requestId) ?? [];
    const recorded = records.get(requestId)?.attempts ?? [];
    const sure = attemptsOf(own).filter(({ mayBeWithdrawn }) => !mayBeWithdrawn);
    const countOf = (attempts: readonly { worker: string }[], of: string) =>
      attempts.filter(({ worker }) => worker === of).length;
    const missing = sure.filter(({ worker }) => countOf(recorded, worker) < countOf(sure, worker));
    const most = Math.max(sure.length, recorded.length) + 1;
    const counted = results.get(requestId)?.attempts ?? 0;
    const unrecorded = unrecordedBy(requestId, own, evidence);
    return [
      most > MOST_ATTEMPTS && `had ${most} attempts`,
      counted > MOST_ATTEMPTS && `counts ${counted} attempts in its result`,
      ...missing.map(({ worker }) => `an attempt by ${worker} is not recorded`),
      unrecorded && `${unrecorded} attempted a redelivery without recording the attempt first`,
    ].flatMap((what): Broken[] => (what ? [[requestId, what]] : []));
  });
}

/**
 * The worker that completed a redelivered request and logged no attempt for it (P4). A result that says that
 * the attempts are exhausted needs no attempt. A worker that was killed while it held the request may have had
 * no time to log more.
 */
function unrecordedBy(
  requestId: string,
  lines: readonly Line[],
  { results, kills }: Evidence,
): string | undefined {
  const result = results.get(requestId);
  if (result?.worker === undefined || isExhausted(result)) return undefined;
  const own = lines.filter(({ name }) => name === result.worker);
  const completed = own.filter(({ event }) => event === 'request.completed');
  const isUnrecorded =
    completed.length > 0 &&
    completed.every(({ receiveCount = 1 }) => receiveCount > 1) &&
    !own.some(({ event = '' }) => event.startsWith('attempt.') || event === 'request.released') &&
    !kills.some(({ name, holding }) => name === result.worker && holding.includes(requestId));
  return isUnrecorded ? result.worker : undefined;
}

/** The recorded attempts in a request's log lines, without those that were withdrawn. */
function attemptsOf(lines: readonly Line[]): { worker: string; mayBeWithdrawn: boolean }[] {
  return lines.flatMap(({ event, name }, index) => {
    if (event !== 'attempt.recorded') return [];
    const later = lines.slice(index + 1).filter((line) => line.name === name);
    const next = later.findIndex((line) => line.event === 'attempt.recorded');
    const after = (next === -1 ? later : later.slice(0, next)).map((line) => line.event);
    if (after.includes('attempt.withdrawn')) return [];
    return [{ worker: name, mayBeWithdrawn: after.some((each) => MAY_WITHDRAW.includes(each)) }];
  });
}

/** A good image is exhausted only when the worker of each recorded attempt was killed. */
export function findWronglyExhausted(evidence: Evidence): Broken[] {
  const { results, images, offers, expected, records, kills } = evidence;
  return [...results].flatMap(([requestId, result]): Broken[] => {
    if (result === undefined || !isExhausted(result)) return [];
    const image = offers.get(images.get(requestId) ?? '')?.image ?? '';
    if (expected.get(image)?.kind !== 'classified') return [];
    const killed = (records.get(requestId)?.attempts ?? []).filter((attempt) =>
      kills.some(
        ({ role, name, at }) =>
          role === 'worker' && name === attempt.worker && at >= Date.parse(attempt.at),
      ),
    );
    if (killed.length >= MAX_RECORDED_ATTEMPTS) return [];
    const what = `${image} is good, and only ${killed.length} of its recorded attempts were killed`;
    return [[requestId, what]];
  });
}
