import { VisibilityExtender } from '@labelfleet/aws/queue';
import { startTestCloud } from '@labelfleet/aws/testing';
import { openClassifier } from '@labelfleet/inference';
import { brightness, slowModelDir } from '@labelfleet/inference/testing';
import { expect, test } from 'vitest';

/** Each inference below takes longer: if it delayed the extensions, the visibility would lapse. */
const VISIBILITY_TIMEOUT_MS = 3_000;
const BUSY_MS = 40_000;

test(
  'keeps a message invisible during 40 s of inference in native code',
  { timeout: 180_000 },
  async () => {
    await using cloud = await startTestCloud();
    await using classifier = await openClassifier({
      modelDir: slowModelDir,
      threads: 1,
      maxPixels: 1_000,
    });
    const queue = cloud.sqs.queue(await cloud.createQueue('requests'));
    const receive = (waitSeconds: number) =>
      queue.receive({
        maxMessages: 1,
        waitSeconds,
        visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_MS / 1000,
      });
    let extensions = 0;
    await using visibilityExtender = new VisibilityExtender(
      {
        extend: async (...args) => {
          const outcome = await queue.extend(...args);
          if (outcome === 'done') extensions++;
          return outcome;
        },
      },
      {
        visibilityTimeoutMs: VISIBILITY_TIMEOUT_MS,
        intervalMs: VISIBILITY_TIMEOUT_MS / 3,
        onError: (error) => expect.unreachable(String(error)),
      },
    );

    await queue.send({ body: 'an image' });
    const [message] = await receive(10);
    if (message === undefined) throw new Error('no message was received');
    const extension = visibilityExtender.start(message);

    // Another worker, which would receive the message as soon as it becomes visible.
    const stop = new AbortController();
    const seenByOthers = (async () => {
      while (!stop.signal.aborted) {
        const seen = await receive(1);
        if (seen.length > 0) return seen;
      }
      return [];
    })();

    const runs: number[] = [];
    const busyMs = () => runs.reduce((a, b) => a + b, 0);
    while (busyMs() < BUSY_MS) {
      const outcome = await classifier.classify(await brightness(150), { topK: 1 });
      if (outcome.kind === 'bad-image') throw new Error(outcome.detail);
      runs.push(outcome.inferMs);
    }

    // Shorter inferences would show nothing: extensions could be sent in between.
    expect(Math.min(...runs)).toBeGreaterThan(VISIBILITY_TIMEOUT_MS);
    expect(extension.lapsed()).toBe(false);
    expect(extensions).toBeGreaterThan(busyMs() / VISIBILITY_TIMEOUT_MS);
    stop.abort();
    expect(await seenByOthers).toEqual([]);
    await extension.stop();
    expect(await queue.ack(message.receipt)).toBe('done');
  },
);
