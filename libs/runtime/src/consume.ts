import { retryDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface Consumer<Batch> {
  /** Receives once. @param failures how many turns in a row have failed before */
  receive: (failures: number) => Promise<Batch>;
  /** Handles what one receive returned. The next receive waits for it. */
  handle: (batch: Batch) => Promise<void>;
  /** Called when `receive` or `handle` has rejected, before the delay. */
  onFailure: (error: unknown, failures: number) => void;
  clock: Pick<Clock, 'sleep'>;
  /** 0 to 1 */
  random: () => number;
}

const MOST_RECEIVES = 8;

/**
 * How many receives to make at the same time. One at a time, of 10 to 20 ms, gives at most some 500 to 1,000 messages
 * a second, so a round of full ones is followed by one of twice as many.
 */
export const nextReceives = (receives: number, wasFull: boolean): number =>
  wasFull ? Math.min(2 * receives, MOST_RECEIVES) : 1;

/**
 * Receives from a queue and has it handled, one receive after the other, until the signal is aborted. After failures
 * in a row it waits with growing delays.
 */
export async function consume<Batch>(
  { receive, handle, onFailure, clock, random }: Consumer<Batch>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await handle(await receive(failures));
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onFailure(error, failures);
      await clock.sleep(retryDelayMs(failures, random()), signal);
    }
  }
}
