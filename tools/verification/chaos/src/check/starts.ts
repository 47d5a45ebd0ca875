import { MAX_RECORDED_ATTEMPTS } from '@labelfleet/contracts';
import { isExhausted } from './answers.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

type Line = Evidence['logs'][number];

/** With the first one, which is free. */
const MOST_STARTS = MAX_RECORDED_ATTEMPTS + 1;

/** After these a start may have been taken off the record though its worker did not live to say so. */
const MAY_WITHDRAW = ['cut short', 'attempt failed', 'start withdrawn'];

/** No image is started more than four times, and every start but the first stands on record. */
export function findTooManyStarts({ logs, records, results, kills }: Evidence): Finding[] {
  const lines = new Map<string, Line[]>();
  for (const line of logs) {
    if (line.role !== 'worker' || line.requestId === undefined) continue;
    lines.set(line.requestId, [...(lines.get(line.requestId) ?? []), line]);
  }
  const finding = (subject: string, what: string): Finding => ({
    promised: 'at most four starts',
    subject,
    what,
  });
  return [...new Set([...lines.keys(), ...results.keys()])].flatMap((requestId) => {
    const standing = startsOf(lines.get(requestId) ?? []);
    const onRecord = records.get(requestId)?.attempts ?? [];
    const sure = standing.filter(({ mayBeWithdrawn }) => !mayBeWithdrawn);
    const missing = sure.filter(
      ({ worker }) =>
        onRecord.filter((start) => start.worker === worker).length <
        sure.filter((start) => start.worker === worker).length,
    );
    const attempts = results.get(requestId)?.attempts ?? 0;
    const starts = Math.max(sure.length, onRecord.length) + 1;
    return [
      ...(starts > MOST_STARTS ? [finding(requestId, `was started ${starts} times`)] : []),
      ...(attempts > MOST_STARTS ? [finding(requestId, `tells of ${attempts} attempts`)] : []),
      ...missing.map(({ worker }) => finding(requestId, `a start by ${worker} is not on record`)),
      ...startedUnwritten(
        requestId,
        lines.get(requestId) ?? [],
        results.get(requestId)?.worker,
        kills,
      ).map((worker) =>
        finding(requestId, `${worker} started on it again without writing it down first`),
      ),
    ];
  });
}

/**
 * The worker that settled a request, where all it ever said of it is that it answered what had been delivered
 * before: it wrote down no start (P4). One that was killed with the request in hand may not have come to say
 * more.
 */
function startedUnwritten(
  requestId: string,
  lines: readonly Line[],
  settledBy: string | undefined,
  kills: Evidence['kills'],
): string[] {
  const own = lines.filter(({ name }) => name === settledBy);
  const unwritten =
    own.length > 0 &&
    own.every(({ msg, receiveCount = 1 }) => msg === 'answered' && receiveCount > 1) &&
    !kills.some(({ name, holding }) => name === settledBy && holding.includes(requestId));
  return unwritten && settledBy !== undefined ? [settledBy] : [];
}

/** The recorded starts that a request's log lines tell of, without those that were taken back. */
function startsOf(lines: readonly Line[]): { worker: string; mayBeWithdrawn: boolean }[] {
  return lines.flatMap(({ msg, name }, index) => {
    if (msg !== 'start recorded') return [];
    const later = lines.slice(index + 1).filter((line) => line.name === name);
    const next = later.findIndex((line) => line.msg === 'start recorded');
    const after = (next === -1 ? later : later.slice(0, next)).map((line) => line.msg);
    if (after.includes('start withdrawn')) return [];
    return [{ worker: name, mayBeWithdrawn: after.some((each) => MAY_WITHDRAW.includes(each)) }];
  });
}

/** A good image is given up only when each of its recorded starts ended with its worker's death. */
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
    const what = `${image} is good, and only ${killed.length} of its recorded starts were killed`;
    return [{ promised: 'exhausted only after three killed starts', subject: requestId, what }];
  });
}

const wasKilled = ({ kills }: Evidence, worker: string, sinceMs: number): boolean =>
  kills.some(({ role, name, at }) => role === 'worker' && name === worker && at >= sinceMs);
