import { MAX_RECORDED_ATTEMPTS, type StoredResult } from '@labelfleet/contracts';
import { isExhausted } from './answers.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

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
export function findTooManyAttempts({ logs, records, results, kills }: Evidence): Finding[] {
  const lines = new Map<string, Line[]>();
  for (const line of logs) {
    if (line.role !== 'worker' || line.requestId === undefined) continue;
    lines.set(line.requestId, [...(lines.get(line.requestId) ?? []), line]);
  }
  const finding = (subject: string, what: string): Finding => ({
    rule: 'at most four attempts',
    subject,
    what,
  });
  return [...new Set([...lines.keys(), ...results.keys()])].flatMap((requestId) => {
    const logged = attemptsOf(lines.get(requestId) ?? []);
    const recorded = records.get(requestId)?.attempts ?? [];
    const sure = logged.filter(({ mayBeWithdrawn }) => !mayBeWithdrawn);
    const missing = sure.filter(
      ({ worker }) =>
        recorded.filter((attempt) => attempt.worker === worker).length <
        sure.filter((attempt) => attempt.worker === worker).length,
    );
    const attempts = results.get(requestId)?.attempts ?? 0;
    const most = Math.max(sure.length, recorded.length) + 1;
    return [
      ...(most > MOST_ATTEMPTS ? [finding(requestId, `had ${most} attempts`)] : []),
      ...(attempts > MOST_ATTEMPTS
        ? [finding(requestId, `counts ${attempts} attempts in its result`)]
        : []),
      ...missing.map(({ worker }) => finding(requestId, `an attempt by ${worker} is not recorded`)),
      ...unrecorded(requestId, lines.get(requestId) ?? [], results.get(requestId), kills).map(
        (worker) =>
          finding(
            requestId,
            `${worker} attempted a redelivery without recording the attempt first`,
          ),
      ),
    ];
  });
}

/**
 * The worker that completed a redelivered request and logged no attempt for it (P4). A result that says that
 * the attempts are exhausted needs no attempt. A worker that was killed while it held the request may have had
 * no time to log more.
 */
function unrecorded(
  requestId: string,
  lines: readonly Line[],
  result: StoredResult | undefined,
  kills: Evidence['kills'],
): string[] {
  if (result?.worker === undefined || isExhausted(result)) return [];
  const own = lines.filter(({ name }) => name === result.worker);
  const completed = own.filter(({ event }) => event === 'request.completed');
  const isUnrecorded =
    completed.length > 0 &&
    completed.every(({ receiveCount = 1 }) => receiveCount > 1) &&
    !own.some(({ event = '' }) => event.startsWith('attempt.') || event === 'request.released') &&
    !kills.some(({ name, holding }) => name === result.worker && holding.includes(requestId));
  return isUnrecorded ? [result.worker] : [];
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
export function findWronglyExhausted(evidence: Evidence): Finding[] {
  const { results, images, offers, expected, records } = evidence;
  return [...results].flatMap(([requestId, result]): Finding[] => {
    if (result === undefined || !isExhausted(result)) return [];
    const image = offers.get(images.get(requestId) ?? '') ?? '';
    if (expected.get(image)?.kind !== 'classified') return [];
    const killed = (records.get(requestId)?.attempts ?? []).filter(({ worker, at }) =>
      wasKilled(evidence, worker, Date.parse(at)),
    );
    if (killed.length >= MAX_RECORDED_ATTEMPTS) return [];
    const what = `${image} is good, and only ${killed.length} of its recorded attempts were killed`;
    return [{ rule: 'exhausted only after three killed attempts', subject: requestId, what }];
  });
}

const wasKilled = ({ kills }: Evidence, worker: string, sinceMs: number): boolean =>
  kills.some(({ role, name, at }) => role === 'worker' && name === worker && at >= sinceMs);
