import { expect, test } from 'vitest';
import { Health } from './health.ts';

const failed = (id: string) => (health: Health) => health.failed(id, new Error(`${id} failed`));
const classified = (health: Health) => health.classified();

test.each([
  ['failures of 5 different requests in a row', ['a', 'b', 'c', 'd', 'e'].map(failed), true],
  ['failures of 4 different requests', ['a', 'b', 'c', 'd'].map(failed), false],
  ['20 failures of one request', Array.from({ length: 20 }, () => failed('a')), false],
  ['failures of 4 requests, two each', ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd'].map(failed), false],
  [
    'a classified image between the failures',
    [...'abcd'].map(failed).concat(classified, failed('e')),
    false,
  ],
  [
    '5 failures after a classified image',
    [failed('a'), classified, ...[...'bcdef'].map(failed)],
    true,
  ],
])('after %s, unhealthy is %3$s', async (_, events, unhealthy) => {
  const health = new Health();
  for (const event of events) event(health);
  const reason = await Promise.race([health.unhealthy, Promise.resolve(undefined)]);
  expect(reason !== undefined).toBe(unhealthy);
});

test('the reason for being unhealthy names the last error', async () => {
  const health = new Health();
  for (const id of 'abcde') failed(id)(health);
  expect(await health.unhealthy).toBe(
    'the attempts at 5 requests in a row failed, the last with: e failed',
  );
});
