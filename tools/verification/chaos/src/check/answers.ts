import { problemCode, resultInShort, type StoredResult } from '@labelfleet/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { Expected } from '../history/event.ts';
import type { Broken } from './check.ts';
import type { Evidence, Answered } from './evidence.ts';

/** Every answer and every reply equals the stored result. */
export function findDisagreeing(evidence: Evidence): Broken[] {
  const { answers, results, logs } = evidence;
  const replied = logs
    .filter(({ event }) => event === 'request.completed')
    .filter((line) => {
      const stored = results.get(line.requestId ?? '');
      return stored === undefined || !isOf(line, stored);
    })
    .map(({ requestId = '', name, status, worker, label }): Broken => {
      const stored = short(results.get(requestId));
      return [requestId, `${name} replied ${status} ${label} of ${worker}; stored is ${stored}`];
    });
  return [...answers.flatMap((answered) => disagreeing(answered, evidence)), ...replied];
}

function disagreeing(
  { offer, status, body, via, how, at, answer }: Answered,
  { results, quietAt }: Evidence,
): Broken[] {
  const by = `${via} (${how}, ${status}) answered`;
  switch (answer.kind) {
    case 'completed': {
      const stored = results.get(answer.result.id);
      if (isShown(answer.result, stored)) return [];
      return [[answer.result.id, `${by} ${short(answer.result)}; stored is ${short(stored)}`]];
    }
    case 'problem': {
      const { requestId, type } = answer.problem;
      const stored = results.get(requestId);
      // A refused request has no stored result.
      if (stored === undefined) return [];
      const same = stored.status === 'failed' && isDeepStrictEqual(stored.problem, answer.problem);
      return same ? [] : [[requestId, `${by} ${type}; stored is ${short(stored)}`]];
    }
    case 'odd':
      return [[offer, `${by} ${JSON.stringify(body).slice(0, 200)}`]];
    case 'queued':
      return how === 'cancel' || at > quietAt
        ? [[answer.requestId, `${by} that it is still queued`]]
        : [];
    case 'try-again':
      return [];
  }
}

/** True if a result is shown as it is stored, but without its caller. */
export function isShown(shown: StoredResult, stored: StoredResult | undefined): boolean {
  const unnamed = { caller: undefined };
  return (
    !('caller' in shown) && isDeepStrictEqual({ ...stored, ...unnamed }, { ...shown, ...unnamed })
  );
}

/** Every result equals the direct classification of the same image. */
export function findWrong(evidence: Evidence): Broken[] {
  const { answers, results, images, offers, expected, canceling } = evidence;
  const expectedOf = (offer: string) => expected.get(offers.get(offer)?.image ?? '');
  const inStore = [...results].flatMap(([requestId, result]): Broken[] => {
    const right = expectedOf(images.get(requestId) ?? '');
    // findWronglyExhausted checks these.
    if (result === undefined || right === undefined || isExhausted(result)) return [];
    if (result.status === 'canceled' ? canceling.has(requestId) : isRight(result, right)) return [];
    return [[requestId, `is ${short(result)}, expected ${JSON.stringify(right)}`]];
  });
  const refused = answers.flatMap(({ offer, status, answer }): Broken[] => {
    if (answer.kind !== 'problem' || results.has(answer.problem.requestId)) return [];
    const right = expectedOf(offer);
    const code = problemCode(answer.problem);
    if (right?.kind === 'refused' && right.problem === code) return [];
    return [[offer, `was refused with ${status} ${code}: ${answer.problem.detail}`]];
  });
  return [...inStore, ...refused];
}

export const isExhausted = (result: StoredResult): boolean =>
  result.status === 'failed' && problemCode(result.problem) === 'attempts-exhausted';

function isRight(result: StoredResult, expected: Expected): boolean {
  if (result.status !== 'succeeded')
    return expected.kind === 'failed' && expected.problem === resultInShort(result);
  return (
    expected.kind === 'classified' &&
    result.label === expected.predictions[0]?.label &&
    isDeepStrictEqual(result.predictions, expected.predictions)
  );
}

/** True if a worker's `request.completed` line is about the stored result: another one differs in one of these. */
const isOf = (line: Evidence['logs'][number], stored: StoredResult): boolean =>
  line.status === stored.status &&
  line.attempts === stored.attempts &&
  line.worker === stored.worker &&
  (stored.status !== 'succeeded' || line.label === stored.label) &&
  (stored.status !== 'failed' || line.problem === stored.problem.type);

function short(result: StoredResult | undefined): string {
  if (result === undefined) return 'nothing';
  const { status, completedAt, worker = 'nobody' } = result;
  return `${status} (${resultInShort(result)}) of ${completedAt} by ${worker}`;
}
