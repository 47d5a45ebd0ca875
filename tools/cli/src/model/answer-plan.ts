import type { CatalogEntry } from '@labelfleet/inference/model-tools';

/** What a server's answer means for a file of which the first `have` bytes are here already. */
export type AnswerPlan =
  | { kind: 'append' }
  | { kind: 'whole' }
  /** What is here is no part of what the server has: forget it and ask for all. */
  | { kind: 'start-over' }
  /** It may go better in a moment. */
  | { kind: 'broken'; detail: string }
  /** It will not. */
  | { kind: 'refused'; detail: string };

export interface Answer {
  status: number;
  contentRange: string | null;
  contentLength: string | null;
}

export function planAnswer(
  { status, contentRange, contentLength }: Answer,
  have: number,
  { bytes }: Pick<CatalogEntry, 'bytes'>,
): AnswerPlan {
  if (status === 200) {
    return contentLength === null || Number(contentLength) === bytes
      ? { kind: 'whole' }
      : otherSize(contentLength, bytes);
  }
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(contentRange ?? '') ?? [];
    if (total !== undefined && total !== '*' && Number(total) !== bytes) {
      return otherSize(total, bytes);
    }
    if (start !== undefined && have > 0 && Number(start) === have) return { kind: 'append' };
    return have > 0
      ? { kind: 'start-over' }
      : { kind: 'refused', detail: 'the server gives a part that was not asked for' };
  }
  if (status === 416 && have > 0) return { kind: 'start-over' };
  const detail = `the server answers ${status}`;
  const mayPass = status >= 500 || status === 408 || status === 429;
  return { kind: mayPass ? 'broken' : 'refused', detail };
}

const otherSize = (size: string, bytes: number): AnswerPlan => ({
  kind: 'refused',
  detail: `the server's file has ${size} bytes, not ${bytes}`,
});
