import { VisibilityExtender } from '@labelfleet/aws/queue';
import { startTestCloud } from '@labelfleet/aws/testing';
import { openClassifier } from '@labelfleet/inference';
import { brightness, slowModelDir } from '@labelfleet/inference/testing';
import { expect, test } from 'vitest';

/** Each of the runs below takes longer: had it held up the heartbeat, it would have lapsed. */
const VISIBILITY_TIMEOUT_MS = 3_000;
const BUSY_MS = 40_000;

test(
  'native code that runs for 40 s in all holds up no heartbeat: the message is never seen again',
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
    let heartbeats = 0;
    await using visibilityExtender = new VisibilityExtender(
      {
        extend: async (...args) => {
          const outcome = await queue.extend(...args);
          if (outcome === 'done') heartbeats++;
          return outcome;
        },
      },
      {
        visibilityTimeoutMs: VISIBILITY_TIMEOUT_MS,
        intervalMs: VISIBILITY_TIMEOUT_MS / 3,
        onError: (error) => expect.unreachable(String(error)),
      },
    );

    await queue.send({ body: 'a picture' });
    const [message] = await receive(10);
    if (message === undefined) throw new Error('nothing came');
    const extension = visibilityExtender.start(message);

    // Somebody else, who would get the message the moment it becomes visible.
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

    // Runs shorter than the time-out would show nothing: heartbeats could go out in between.
    expect(Math.min(...runs)).toBeGreaterThan(VISIBILITY_TIMEOUT_MS);
    expect(extension.lapsed()).toBe(false);
    expect(heartbeats).toBeGreaterThan(busyMs() / VISIBILITY_TIMEOUT_MS);
    stop.abort();
    expect(await seenByOthers).toEqual([]);
    await extension.stop();
    expect(await queue.ack(message.receipt)).toBe('done');
  },
);
