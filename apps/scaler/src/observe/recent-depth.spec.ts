import { expect, it } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { RecentDepth } from './recent-depth.ts';

it('is read again only when the last read is too old, and after a failed one', async () => {
  const clock = new TestClock();
  let visible = 0;
  let fails = false;
  const queue = {
    async depth() {
      if (fails) throw new Error('no answer came');
      return { visible: (visible += 1), inFlight: 0, delayed: 0 };
    },
  };
  const depths = new RecentDepth(queue, clock);
  expect(await depths.recent()).toMatchObject({ visible: 1 });
  clock.pass(2999);
  expect(await depths.recent()).toMatchObject({ visible: 1 });
  clock.pass(1);
  expect(await depths.recent()).toMatchObject({ visible: 2 });
  expect(await depths.depth()).toMatchObject({ visible: 3 });
  expect(await depths.recent()).toMatchObject({ visible: 3 });
  clock.pass(3000);
  fails = true;
  await expect(depths.recent()).rejects.toThrow('no answer came');
});
