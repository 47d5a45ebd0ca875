import { problemCode, type StoredResult } from '@labelfleet/contracts';
import { isDeepStrictEqual } from 'node:util';
import { readAnswer } from '../history/read-answer.ts';
import type { Expected } from '../history/event.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Every answer and every reply equals the stored result. */
export function findDisagreeing({ answers, results, logs }: Evidence): Finding[] {
  const disagreeing = (subject: string, what: string): Finding => ({
    rule: 'answers agree with what is stored',
    subject,
    what,
  });
  const answered = answers.flatMap(({ offer, status, body, via, how }): Finding[] => {
    const answer = readAnswer(status, body);
    const by = `${via} (${how}, ${status})`;
    switch (answer.kind) {
      case 'completed': {
        const { id } = answer.result;
        const stored = results.get(id);
        if (isDeepStrictEqual(stored, answer.result)) return [];
        return [
          disagreeing(id, `${by} answered ${short(answer.result)}; stored is ${short(stored)}`),
        ];
      }
      case 'problem': {
        const stored = results.get(answer.problem.requestId);
        // A refused request has no stored result.
        if (stored === undefined) return [];
        const same =
          stored.status === 'failed' && isDeepStrictEqual(stored.problem, answer.problem);
        const { requestId, type } = answer.problem;
        return same
          ? []
          : [disagreeing(requestId, `${by} answered ${type}; stored is ${short(stored)}`)];
      }
      case 'odd':
        return [disagreeing(offer, `${by} answered ${JSON.stringify(body).slice(0, 200)}`)];
      case 'queued':
      case 'try-again':
        return [];
    }
  });
  const replied = logs
    .filter(({ event }) => event === 'request.completed')
    .filter((line) => {
      const stored = results.get(line.requestId ?? '');
      return stored === undefined || !isOf(line, stored);
    })
    .map(({ requestId = '', name, status, worker, label }) => {
      const stored = short(results.get(requestId));
      return disagreeing(
        requestId,
        `${name} replied ${status} ${label} of ${worker}; stored is ${stored}`,
      );
    });
  return [...answered, ...replied];
}

/** Every result equals the direct classification of the same image. */
export function findWrong({ answers, results, images, offers, expected }: Evidence): Finding[] {
  const expectedOf = (offer: string) => expected.get(offers.get(offer) ?? '');
  const wrong = (subject: string, what: string): Finding => ({
    rule: 'answers are right',
    subject,
    what,
  });
  const inStore = [...results].flatMap(([requestId, result]) => {
    const right = expectedOf(images.get(requestId) ?? '');
    // findWronglyExhausted checks these.
    if (result === undefined || right === undefined || isExhausted(result)) return [];
    return isRight(result, right)
      ? []
      : [wrong(requestId, `is ${short(result)}, expected ${JSON.stringify(right)}`)];
  });
  const refused = answers.flatMap(({ offer, status, body }) => {
    const answer = readAnswer(status, body);
    if (answer.kind !== 'problem' || results.has(answer.problem.requestId)) return [];
    const right = expectedOf(offer);
    const code = problemCode(answer.problem);
    return right?.kind === 'refused' && right.problem === code
      ? []
      : [wrong(offer, `was refused with ${status} ${code}: ${answer.problem.detail}`)];
  });
  return [...inStore, ...refused];
}

export const isExhausted = (result: StoredResult): boolean =>
  result.status === 'failed' && problemCode(result.problem) === 'attempts-exhausted';

function isRight(result: StoredResult, expected: Expected): boolean {
  return result.status === 'failed'
    ? expected.kind === 'failed' && expected.problem === problemCode(result.problem)
    : expected.kind === 'classified' &&
        result.label === expected.predictions[0]?.label &&
        isDeepStrictEqual(result.predictions, expected.predictions);
}

/** True if a worker's `request.completed` line is about the stored result: another one differs in one of these. */
const isOf = (line: Evidence['logs'][number], stored: StoredResult): boolean =>
  line.status === stored.status &&
  line.attempts === stored.attempts &&
  line.worker === stored.worker &&
  (stored.status === 'succeeded'
    ? line.label === stored.label
    : line.problem === stored.problem.type);

function short(result: StoredResult | undefined): string {
  if (result === undefined) return 'nothing';
  const { status, completedAt, worker = 'nobody' } = result;
  const what = result.status === 'succeeded' ? result.label : problemCode(result.problem);
  return `${status} (${what}) of ${completedAt} by ${worker}`;
}
