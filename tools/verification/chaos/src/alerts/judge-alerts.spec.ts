import { expect, test } from 'vitest';
import { event, killed, second } from '../check/testing.ts';
import { TIME_SCALE } from '../stack/settings.ts';
import { judgeAlerts } from './judge-alerts.ts';

const TIMES = [0, 10, 20, 30, 40].map(second);
const stopped = event(10, { kind: 'outage', outage: 'scalers stopped', forMs: 60_000 });
const isFiring = (...rounds: number[]) => [{ alert: 'LabelfleetNoLeader', rounds }];

test('expects an alert from when its fault has lasted long enough', () => {
  // The rule waits for 120 s, which are 36 s of the run.
  expect(120 / TIME_SCALE).toBe(36);
  const times = [...TIMES, second(46)];
  expect(judgeAlerts([stopped], isFiring(5), times)).toEqual([
    {
      alert: 'LabelfleetNoLeader',
      verdict: 'expected',
      at: second(46),
      because: { 'scalers stopped': 200 },
    },
  ]);
  expect(judgeAlerts([stopped], isFiring(4, 5), times)).toMatchObject([
    { alert: 'LabelfleetNoLeader', verdict: 'false-alarm', at: second(40) },
  ]);
});

test('finds an alert that did not fire although it had to', () => {
  expect(judgeAlerts([stopped], [], TIMES)).toEqual([
    {
      alert: 'LabelfleetNoLeader',
      verdict: 'not-fired',
      at: undefined,
      because: { 'scalers stopped': 200 },
    },
  ]);
});

test('finds an alert that fired without a fault', () => {
  expect(judgeAlerts([], isFiring(2, 3), TIMES)).toEqual([
    { alert: 'LabelfleetNoLeader', verdict: 'false-alarm', at: second(20), because: {} },
  ]);
});

test('finds an alert that fired before its fault too', () => {
  const times = [0, 1, 2, 50].map(second);
  expect(judgeAlerts([stopped], isFiring(0, 3), times)).toMatchObject([
    { verdict: 'false-alarm', at: second(0) },
  ]);
});

test('allows an alert that a fault may raise, and does not demand it', () => {
  const kills = Array.from({ length: 3 }, () => killed(0, 'i-1'));
  const fired = [{ alert: 'LabelfleetBootsFail', rounds: [2] }];
  expect(judgeAlerts(kills, fired, TIMES)).toMatchObject([
    { verdict: 'expected', because: { 'killed worker': 3 } },
  ]);
  expect(judgeAlerts(kills, [], TIMES)).toEqual([]);
});

test('finds an alert that no fault raises', () => {
  expect(
    judgeAlerts([stopped], [{ alert: 'LabelfleetTwoLeaders', rounds: [1] }], TIMES),
  ).toContainEqual({
    alert: 'LabelfleetTwoLeaders',
    verdict: 'false-alarm',
    at: second(10),
    because: {},
  });
});
