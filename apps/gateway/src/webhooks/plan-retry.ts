import type { WebhookMessage, WebhookRecord } from '@labelfleet/contracts';

export interface RetryTimes {
  firstSeconds: number;
  longestSeconds: number;
  /** From the first try: a later failure is the last. */
  giveUpAfterMs: number;
}

/** 31 to 39 tries in a day. */
export const RETRY_TIMES: RetryTimes = {
  firstSeconds: 5,
  longestSeconds: 3_600,
  giveUpAfterMs: 24 * 3_600_000,
};

/**
 * Plans the next try of a webhook that has failed. The wait doubles from try to try up to its longest, and its upper
 * half is jittered. It is null when the webhook is given up.
 * @param earlier undefined: this was the first try
 * @param random 0 to 1
 */
export function planRetry(
  message: WebhookMessage,
  error: string,
  earlier: Pick<WebhookRecord, 'tries' | 'firstTriedAt'> | undefined,
  { now, random, times }: { now: number; random: number; times: RetryTimes },
): { record: WebhookRecord; waitSeconds: number | null } {
  const tries = (earlier?.tries ?? 0) + 1;
  const lastTriedAt = new Date(now).toISOString();
  const firstTriedAt = earlier?.firstTriedAt ?? lastTriedAt;
  const bound = Math.min(times.longestSeconds, times.firstSeconds * 2 ** Math.min(tries - 1, 30));
  const isOver = now - Date.parse(firstTriedAt) >= times.giveUpAfterMs;
  const waitSeconds = isOver ? null : Math.ceil(bound / 2 + (random * bound) / 2);
  const nextTryAt = waitSeconds === null ? null : new Date(now + 1000 * waitSeconds).toISOString();
  const record = { v: 1, message, tries, firstTriedAt, lastTriedAt, nextTryAt, error } as const;
  return { record, waitSeconds };
}

/** SQS counts a message that waits after a receive as in flight, and allows 120,000 of them. */
export const MOST_WAITING = 100_000;
const LONGEST_HOLD_SECONDS = 600;

/**
 * How long a webhook waits whose receiver is busy with others.
 * @param receiveCount at least 1
 * @param random 0 to 1
 */
export const holdSeconds = (receiveCount: number, random: number): number =>
  Math.ceil(
    (0.5 + random / 2) * Math.min(LONGEST_HOLD_SECONDS, 2 ** Math.min(receiveCount - 1, 30)),
  );
