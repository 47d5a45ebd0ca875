import type { HttpAnswer } from './post-image.ts';

/** The outcome of one image. Without an expected label, every label counts as right. */
export type Outcome =
  | { kind: 'right'; label: string }
  | { kind: 'wrong'; label: string; expected: string }
  | { kind: 'failed'; reason: string };

/** The label is the whole body of a 200. Every other response is a failure. */
export function judge(answer: HttpAnswer, expected: string | undefined): Outcome {
  if (answer.status !== 200) return { kind: 'failed', reason: describe(answer) };
  const label = answer.body.trim();
  if (label === '') return { kind: 'failed', reason: '200 without a label' };
  return expected === undefined || expected === label
    ? { kind: 'right', label }
    : { kind: 'wrong', label, expected };
}

function describe({ status, contentType, body }: HttpAnswer): string {
  if (status === 202) return '202: not completed within the wait';
  const detail = contentType.startsWith('application/problem+json') ? problemDetail(body) : body;
  return `${status}: ${detail.replace(/\s+/g, ' ').trim().slice(0, 200)}`;
}

/** Returns the detail of an RFC 9457 problem document, or the whole text if it is not one. */
function problemDetail(text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    const detail = problem instanceof Object && 'detail' in problem ? problem.detail : undefined;
    return typeof detail === 'string' ? detail : text;
  } catch {
    return text;
  }
}
