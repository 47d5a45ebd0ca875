import { expect, test } from 'vitest';
import { Random } from '@labelfleet/testkit/random';
import { plainWorld } from '../testing/a-workload.ts';
import { drawBoot, Ec2 } from './ec2.ts';

test('takes a token for each launched instance and refills the tokens', () => {
  const world = plainWorld({ api: { launchTokens: 10, launchTokensPerSecond: 0.5 } });
  const ec2 = new Ec2(world, 1);
  const kinds = [
    ec2.launch(8, 0), // 2 left
    ec2.launch(3, 0), // too many
    ec2.launch(3, 2), // 2 s later: 2 + 2 * 0.5 = 3
    ec2.launch(1, 2),
    ec2.launch(10, 1000), // full again
  ].map(({ kind }) => kind);
  expect(kinds).toEqual(['launched', 'throttled', 'launched', 'throttled', 'launched']);
});

test.each([
  [99, 'launched'],
  [100, 'no-capacity'],
  [199, 'no-capacity'],
  [200, 'launched'],
])('at %i s, with no capacity from 100 to 200 s, a launch is %s', (at, kind) => {
  const ec2 = new Ec2(plainWorld({ droughts: [{ fromSeconds: 100, toSeconds: 200 }] }), 1);
  expect(ec2.launch(1, at).kind).toBe(kind);
});

test('fails a read when three tries fail', () => {
  const ec2 = new Ec2(plainWorld({ api: { errorShare: 0.5 } }), 1);
  const failed = Array.from({ length: 20_000 }, () => ec2.readFails()).filter((fails) => fails);
  expect(failed.length / 20_000).toBeCloseTo(0.125, 2);
});

test('draws boots with the given median and shares', () => {
  const boot = { medianSeconds: 42, logSpread: 0.35, slowShare: 0.05, slowFactor: 3 };
  const draws = new Random(1, 'test');
  const seconds = Array.from({ length: 20_000 }, () =>
    drawBoot({ ...boot, failedShare: 0.1 }, draws),
  ).sort((a, b) => a - b);
  expect(seconds.filter((each) => each === Infinity).length / 20_000).toBeCloseTo(0.1, 2);
  // Of 90 % that come up, 5 of 90 are slow: the median moves a little.
  expect(seconds[9000]).toBeGreaterThan(42);
  expect(seconds[9000]).toBeLessThan(48);
});
