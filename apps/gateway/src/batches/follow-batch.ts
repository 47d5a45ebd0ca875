import type { StoredBatch, StoredResult } from '@labelfleet/contracts';
import { FollowedRequests } from '../replies/followed-requests.ts';
import { REPLY_EXPECTED_ELSEWHERE, type PendingReplies } from '../replies/pending-replies.ts';
import type { ResultStore } from '../replies/result-store.ts';

export interface FollowDeps {
  results: Pick<ResultStore, 'findMany'>;
  pending: Pick<PendingReplies, 'register'>;
}

export const requestIdsOf = ({ items }: StoredBatch): string[] =>
  items.flatMap((item) => ('requestId' in item ? [item.requestId] : []));

/** Follows requests whose replies may go to any gateway. Those that have completed come first. */
export async function followRequests(
  { results, pending }: FollowDeps,
  requestIds: readonly string[],
): Promise<FollowedRequests> {
  const followed = new FollowedRequests();
  using stack = new DisposableStack();
  stack.use(followed);
  // Before the first read, so that no reply between the read and the wait is missed.
  for (const id of requestIds) followed.follow(id, pending.register(id, REPLY_EXPECTED_ELSEWHERE));
  for (const result of await results.findMany(requestIds)) followed.add(result);
  stack.move();
  return followed;
}

export type BatchWaitEnd = 'completed' | 'timed-out' | 'ended';

/** Waits until all have completed, the time is over, the caller disconnects or the gateway stops. */
export async function awaitAll(
  followed: FollowedRequests,
  waitMs: number,
  signal: AbortSignal,
): Promise<{ results: Map<string, StoredResult>; ended: BatchWaitEnd }> {
  const results = new Map<string, StoredResult>();
  const endsAtMs = performance.now() + waitMs;
  for (;;) {
    for (const result of followed.take()) results.set(result.id, result);
    if (followed.pending.length === 0) return { results, ended: 'completed' };
    const leftMs = endsAtMs - performance.now();
    // A timer, however short, would let a quick result in now and then.
    const next = leftMs > 0 ? await followed.next(leftMs, signal) : 'timed-out';
    if (next !== 'result') return { results, ended: next };
  }
}
