import { createLogger } from '@labelfleet/runtime';
import { describe, expect, it } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { runScalingLoop } from './scaling-loop.ts';

/** A loop on a clock that only its ticks and waits move, stopped after so many waits. */
async function run(options: { tickMs: number; waits: number; fault?: Error }) {
  const stopping = new AbortController();
  const beganAt: number[] = [];
  const clock = new TestClock();
  let running = 0;
  let mostAtOnce = 0;
  let faults = 0;
  await runScalingLoop(
    {
      async tick() {
        beganAt.push(clock.monotonicMs());
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        clock.pass(options.tickMs);
        await Promise.resolve();
        running -= 1;
        if (options.fault) throw options.fault;
      },
      everyMs: 2000,
      onFault: () => void (faults += 1),
      log: createLogger({ app: 'scaler', level: 'silent' }),
      clock: {
        monotonicMs: clock.monotonicMs,
        async sleep(ms) {
          await clock.sleep(ms);
          if (clock.sleeps.length === options.waits) stopping.abort();
        },
      },
    },
    stopping.signal,
  );
  return { beganAt, mostAtOnce, faults };
}

describe('the scaling loop', () => {
  it('begins a tick every 2 s', async () => {
    expect((await run({ tickMs: 300, waits: 3 })).beganAt).toEqual([0, 2000, 4000]);
  });

  it('never begins a tick before the last one has ended', async () => {
    const { beganAt, mostAtOnce } = await run({ tickMs: 5000, waits: 3 });
    expect(beganAt).toEqual([0, 5000, 10_000]);
    expect(mostAtOnce).toBe(1);
  });

  it('continues after a tick that throws, and counts it', async () => {
    const { beganAt, faults } = await run({ tickMs: 0, waits: 2, fault: new Error('for a test') });
    expect(beganAt).toEqual([0, 2000]);
    expect(faults).toBe(2);
  });

  it('lets the running tick end before it stops', async () => {
    const stopping = new AbortController();
    let ended = false;
    await runScalingLoop(
      {
        async tick() {
          stopping.abort();
          await Promise.resolve();
          ended = true;
        },
        everyMs: 2000,
        onFault: () => undefined,
        log: createLogger({ app: 'scaler', level: 'silent' }),
        clock: new TestClock(),
      },
      stopping.signal,
    );
    expect(ended).toBe(true);
  });
});
