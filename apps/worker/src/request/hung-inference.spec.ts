import { openClassifier } from '@labelfleet/inference';
import { systemClock } from '@labelfleet/runtime';
import { brightness, slowModelDir } from '@labelfleet/inference/testing';
import { expect, test } from 'vitest';
import { createRequestHandler } from './handle-request.ts';
import { openBench } from '../testing/bench.ts';

const forever = new AbortController().signal;

test('a run in native code over MAX_ATTEMPT_SECONDS is cut: its heartbeat ends, its message comes back, its worker goes on', async () => {
  await using classifier = await openClassifier({
    modelDir: slowModelDir,
    threads: 1,
    maxPixels: 1_000,
  });
  // Runs for a second and more, and nothing can end it.
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
  // A thread in place of the one given up has to open the model first.
  const patient = createRequestHandler({ ...bench.deps, maxAttemptMs: 60_000 });
  expect(await patient(await bench.receive(), forever)).toBe('completed');
  expect(await bench.stored(next.requestId)).toMatchObject({ status: 'succeeded' });
});
