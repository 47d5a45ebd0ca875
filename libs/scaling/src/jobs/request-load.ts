/** How many requests were completed a second of late. Plain data. */
export interface RequestRate {
  /** `completed` of the last observation, and when it was. */
  completed: number;
  atMs: number;
  perSecond: number;
}

/** A second weighs 1/e after this time. */
const FADE_SECONDS = 60;

/** @param before undefined: this is the first observation */
export function takeCompleted(
  before: RequestRate | undefined,
  completed: number,
  now: number,
): RequestRate {
  if (before === undefined) return { completed, atMs: now, perSecond: 0 };
  const seconds = (now - before.atMs) / 1000;
  if (seconds <= 0) return before;
  const lately = Math.max(0, completed - before.completed) / seconds;
  const weight = 1 - Math.exp(-seconds / FADE_SECONDS);
  const perSecond = before.perSecond + weight * (lately - before.perSecond);
  return { completed, atMs: now, perSecond };
}
