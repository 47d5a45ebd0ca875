import { expect, test } from 'vitest';
import { startRoundRobinProxy } from './round-robin-proxy.ts';
import { expectRightLabels, expectStored, useImages } from './sent-images.ts';
import { startStack } from './stack-under-test.ts';

const images = useImages(24);

test('answers all requests with two gateways although one is killed', async () => {
  await using stack = await startStack({ MAX_WORKERS: '2', IDLE_BEFORE_RELEASE_SECONDS: '60' });
  await using first = stack.startGateway();
  await using second = stack.startGateway();
  await using proxy = await startRoundRobinProxy([await first.url, await second.url]);

  let answered = 0;
  const answers = await expectRightLabels(proxy.url, images, {
    concurrency: 8,
    idempotencyKeys: true,
    onAnswer: () => {
      answered += 1;
      if (answered === 6) void second.kill();
    },
  });
  // Requests to the killed gateway were sent again to the other one.
  expect(answers.filter(({ repeats }) => repeats > 0)).not.toEqual([]);
  // Each image has one request with one result, even if it was sent several times.
  await expectStored(stack, images.files, images);
  expect(await stack.end('SIGINT')).toBe(0);
});
