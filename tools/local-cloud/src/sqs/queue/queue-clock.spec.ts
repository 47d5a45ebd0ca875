import { expect, test } from 'vitest';

import { QueueClock } from './queue-clock.ts';

/** A fake machine clock that the test sets. */
function machine() {
  const machine = { wallMs: 1_000_000, monotonicMs: 500.25 };
  return {
    time: { wallMs: () => machine.wallMs, monotonicMs: () => machine.monotonicMs },
    pass: (ms: number) => {
      machine.wallMs += ms;
      machine.monotonicMs += ms;
    },
    setBy: (ms: number) => (machine.wallMs += ms),
  };
}

test('follows the clock of the machine', () => {
  const { time, pass, setBy } = machine();
  const clock = new QueueClock(time, 0);
  expect(clock.nowMs()).toBe(1_000_000);
  pass(5);
  expect(clock.nowMs()).toBe(1_000_005);
  setBy(3_600_000);
  expect(clock.nowMs()).toBe(4_600_005);
});

test('keeps running when the machine’s clock is set back, and follows it again once it has caught up', () => {
  const { time, pass, setBy } = machine();
  const clock = new QueueClock(time, 0);
  pass(10);
  setBy(-3_600_000);
  for (let passed = 0; passed < 3; passed += 1) {
    expect(clock.nowMs()).toBe(1_000_010 + passed * 1000);
    pass(1000);
  }
  setBy(3_600_000);
  expect(clock.nowMs()).toBe(1_003_010);
  pass(1);
  expect(clock.nowMs()).toBe(1_003_011);
});

test('never goes back, however the machine’s clock is set', () => {
  const { time, pass, setBy } = machine();
  const clock = new QueueClock(time, 0);
  let last = clock.nowMs();
  for (const by of [-1, 5, -10_000, 3, 9_000, -1, -1, 20_000, 0]) {
    setBy(by);
    pass(0.4);
    const now = clock.nowMs();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

test('does not go back after a restart', () => {
  const { time, pass } = machine();
  const clock = new QueueClock(time, 4_600_000);
  expect(clock.nowMs()).toBe(4_600_000);
  pass(7);
  expect(clock.nowMs()).toBe(4_600_007);
});
