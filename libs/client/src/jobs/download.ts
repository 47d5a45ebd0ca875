import { answerError, orNoAnswer, send, type CallOptions } from '../call.ts';
import { CallError, isRepeatable } from '../errors.ts';
import { withinSilence } from '../follow.ts';
import { retryDelayMs } from '../retry.ts';
import type { Target } from '../target.ts';

/**
 * The bytes of an answer of any size. When the connection breaks, the answer is asked for again, and what was delivered
 * is left out. Leaving the loop ends it.
 * @throws CallError; Error if the answer is another one than before, by its ETag
 */
export async function* download(
  target: Target,
  message: { path: string; headers: Record<string, string> },
  { signal, onRetry }: CallOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const { giveUpAfterMs, clock } = target;
  let [delivered, failures, failingSince] = [0, 0, 0];
  let etag: string | null | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const ending = new AbortController();
    const ended = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    try {
      const response = await withinSilence(open(target, message, ended), ending);
      etag ??= response.headers.get('etag');
      if (delivered > 0 && (etag === null || response.headers.get('etag') !== etag))
        throw new Error('The answer broke off and has changed since. Ask for it again.');
      let toSkip = delivered;
      if (response.body === null) return;
      const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
      for (;;) {
        const read = await orNoAnswer(() => withinSilence(reader.read(), ending));
        if (read.done) return;
        const fresh = read.value.subarray(toSkip);
        toSkip = Math.max(0, toSkip - read.value.length);
        if (fresh.length === 0) continue;
        delivered += fresh.length;
        failures = 0;
        yield fresh;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CallError) || !isRepeatable(error)) throw error;
      if (failures === 0) failingSince = clock.monotonicMs();
      failures += 1;
      const delayMs = retryDelayMs(error, failures, clock.random());
      if (clock.monotonicMs() + delayMs - failingSince > giveUpAfterMs) throw error;
      onRetry?.({ error, delayMs });
      await clock.sleep(delayMs, signal);
    } finally {
      ending.abort();
    }
  }
}

async function open(
  target: Target,
  message: { path: string; headers: Record<string, string> },
  signal: AbortSignal,
): Promise<Response> {
  const response = await orNoAnswer(() => send(target, { method: 'GET', ...message }, signal));
  if (response.ok) return response;
  throw answerError(response, await orNoAnswer(() => response.text()), target.clock);
}
