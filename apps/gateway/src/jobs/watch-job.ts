import type { JobView } from '@labelfleet/contracts';
import { eventText, PING, RETRY } from '../events/event-stream.ts';

const LOOK_EVERY_MS = 2_000;
const PING_AFTER_MS = 15_000;

export interface WatchDeps {
  /** `doneId`: the id of the last event, if the job is completed. */
  look: () => Promise<{ view: JobView; doneId: string | undefined }>;
  monotonicMs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * The events of a job until it is completed or the signal is aborted: `progress` with the whole job when it has changed,
 * and `done` at the end. A client that comes back needs no earlier event.
 */
export async function* watchJob(
  { look, monotonicMs, sleep }: WatchDeps,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield RETRY;
  let last = '';
  let sentAtMs = monotonicMs();
  while (!signal.aborted) {
    const { view, doneId } = await look();
    if (doneId !== undefined) {
      yield eventText('done', view, doneId);
      return;
    }
    const progress = eventText('progress', view);
    const hasChanged = withoutTimes(view) !== last;
    last = withoutTimes(view);
    const nowMs = monotonicMs();
    if (hasChanged || nowMs - sentAtMs >= PING_AFTER_MS) {
      sentAtMs = nowMs;
      yield hasChanged ? progress : PING;
    }
    await sleep(LOOK_EVERY_MS, signal);
  }
}

/** The estimate of the end changes all the time. */
const withoutTimes = (view: JobView): string =>
  JSON.stringify({ ...view, estimatedCompletion: undefined });
