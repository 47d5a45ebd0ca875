import { openClassifier } from '@labelfleet/inference';
import { systemClock } from '@labelfleet/runtime';
import { brightness, slowModelDir } from '@labelfleet/inference/testing';
import { expect, test } from 'vitest';
import { createRequestHandler } from './handle-request.ts';
import { openBench } from '../testing/bench.ts';

const forever = new AbortController().signal;

test('ends an inference that runs over MAX_ATTEMPT_SECONDS, releases its message and handles the next', async () => {
  await using classifier = await openClassifier({
    modelDir: slowModelDir,
    threads: 1,
    maxPixels: 1_000,
  });
  // Runs in native code for more than a second, and only the end of its process ends it.
  const slow = await brightness(20);
  const bench = await openBench({ classifier, maxAttemptMs: 100, clock: systemClock });
  const { requestId } = await bench.submit({}, { image: slow });
  const message = await bench.receive(1);
  expect(await bench.handle(message, forever)).toBe('released');
  expect(bench.trace.slice(-2)).toEqual(['stop-extending', 'release']);
  expect(await bench.attempts(requestId)).toHaveLength(1);
  expect(await bench.stored(requestId)).toBeNull();
  expect(bench.waiting()).toBe(1);

  await bench.untraced(() => bench.queue.ack(message.receipt));
  const next = await bench.submit({}, { image: await brightness(0) });
  // The process that replaces the killed one has to open the model first.
  const patient = createRequestHandler({ ...bench.deps, maxAttemptMs: 60_000 });
  expect(await patient(await bench.receive(), forever)).toBe('completed');
  expect(await bench.stored(next.requestId)).toMatchObject({ status: 'succeeded' });
});
