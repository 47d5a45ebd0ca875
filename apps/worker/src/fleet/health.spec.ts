import { expect, test } from 'vitest';
import { Health } from './health.ts';

const failed = (id: string) => (health: Health) => health.failed(id, new Error(`${id} failed`));
const classified = (health: Health) => health.classified();

test.each([
  ['5 different requests in a row', ['a', 'b', 'c', 'd', 'e'].map(failed), true],
  ['4 different requests', ['a', 'b', 'c', 'd'].map(failed), false],
  ['one poison image, again and again', Array.from({ length: 20 }, () => failed('a')), false],
  ['4 poison images, in turn', ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd'].map(failed), false],
  ['one classified in between', [...'abcd'].map(failed).concat(classified, failed('e')), false],
  ['5 after one classified', [failed('a'), classified, ...[...'bcdef'].map(failed)], true],
])('%s: unhealthy is %3$s', async (_, events, unhealthy) => {
  const health = new Health();
  for (const event of events) event(health);
  const reason = await Promise.race([health.unhealthy, Promise.resolve(undefined)]);
  expect(reason !== undefined).toBe(unhealthy);
});

test('the reason names the last error', async () => {
  const health = new Health();
  for (const id of 'abcde') failed(id)(health);
  expect(await health.unhealthy).toBe(
    'the attempts at 5 requests in a row failed, the last with: e failed',
  );
});
