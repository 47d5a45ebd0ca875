import { bootSeconds } from '@labelfleet/scaling';
import { expect, test } from 'vitest';
import { World } from '../engine/world.ts';
import { aWorkload } from '../testing/a-workload.ts';
import { Reports } from './reports.ts';

test('learns boot and service times from heartbeats', () => {
  // Up at 40: the first image alone for 2 s, then one, joined by another 1 s later.
  const workload = aWorkload([40, 50, 51], {
    serviceSeconds: [2, 3, 2],
    world: { api: { reportLagSeconds: 1 } },
  });
  const world = new World(workload);
  const reports = new Reports(world);
  world.launch(1);
  world.advance(40.5);
  reports.receive(40.5);
  expect(reports.newest.size).toBe(0);
  world.advance(60);
  reports.receive(60);
  expect(bootSeconds(reports.learned, 0.5)).toBe(40);
  expect(reports.completed).toBe(3);
  const { images, busySeconds, fullImages, fullSeconds } = reports.learned;
  // Reported at 43, 52, 55 and 58: with 1, 1, 2 and 0 images more since the one before; each fades the others a
  // little. Busy for 2 + 3 s; full from 51 to 53, when both end at the same time: only the first leaves it full.
  expect(images).toBeGreaterThan(2.97);
  expect(busySeconds / images).toBeCloseTo(5 / 3, 1);
  expect(fullImages).toBe(1);
  expect(fullSeconds).toBeCloseTo(2, 1);
});
