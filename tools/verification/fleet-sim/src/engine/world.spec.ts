import { expect, test } from 'vitest';
import { aWorkload } from '../testing/a-workload.ts';
import { idleSeconds, type Worker } from './worker.ts';
import { World } from './world.ts';

/** The waits of all images at the end, in order of arrival. */
const meanWait = (world: World) => world.measure.waits(world.now, 0).waits.mean;

/** A world with its first worker launched at 0, and up at 40. */
function launched(...of: Parameters<typeof aWorkload>): { world: World; worker: Worker } {
  const world = new World(aWorkload(...of));
  world.launch(1);
  const [worker] = world.workers;
  if (worker === undefined) throw new Error('not launched');
  return { world, worker };
}

test('delays an image by the boot and its service', () => {
  const { world } = launched([10]);
  world.advance(100);
  // Up at 40, answered at 41.
  expect(meanWait(world)).toBe(31);
});

test('serves images in all slots of a worker', () => {
  const { world } = launched([50, 50, 50], { world: { slots: 2 } });
  world.advance(100);
  // Two at a time: answered at 51, 51 and 52.
  expect(meanWait(world)).toBeCloseTo(4 / 3, 9);
});

test('receives ahead what it serves in a second, once it knows how long an image takes', () => {
  const arrivals = Array.from({ length: 40 }, () => 50);
  const serviceSeconds = arrivals.map(() => 0.125);
  const { world, worker } = launched(arrivals, { serviceSeconds, world: { slots: 2 } });
  world.advance(50.1);
  expect(worker.held).toHaveLength(2);
  world.advance(50.2);
  expect(worker.held).toHaveLength(10);
});

test('serves the fetched image of the second slot next with one thread', () => {
  const { world } = launched([50, 50], { world: { threads: 1, overheadSeconds: 0.5 } });
  world.advance(100);
  // Fetched at 50.5; served until 51.5 and 52.5.
  expect(meanWait(world)).toBe(2);
});

test('redelivers the images of a killed worker when their visibility timeout ends', () => {
  const { world, worker } = launched([40], { serviceSeconds: [20] });
  world.advance(55);
  world.terminate(worker);
  world.launch(1); // up at 95
  world.advance(200);
  // Taken at 40, extended at 50: visible again at 80, taken at 95, answered at 115.
  expect(meanWait(world)).toBe(75);
  expect(world.measure.interrupted).toBe(1);
  expect(world.counts()).toMatchObject({ visible: 0, inFlight: 0 });
});

test('counts an image of a dead worker as in flight until it is visible again', () => {
  const { world, worker } = launched([40], { serviceSeconds: [20] });
  world.advance(55);
  world.terminate(worker);
  world.advance(79);
  expect(world.counts()).toMatchObject({ visible: 0, inFlight: 1 });
  world.advance(81);
  expect(world.counts()).toMatchObject({ visible: 1, inFlight: 0 });
});

test('delays counts by the given lag', () => {
  const world = new World(aWorkload([100, 200], { world: { api: { countLagSeconds: 60 } } }));
  const seen = [159, 161, 259, 261].map((at) => {
    world.advance(at);
    return world.counts().visible;
  });
  expect(seen).toEqual([0, 1, 1, 2]);
});

test('counts a worker as idle since its last image after an empty poll', () => {
  const { world, worker } = launched([45]);
  const idle = (at: number) => {
    world.advance(at);
    return idleSeconds(worker, world.settings, at);
  };
  // It has a free slot throughout: the poll that brought the image was followed by one at 45, which ends at 50
  // and by another, the first one after the image was answered at 46.
  expect([44, 45.5, 49.9, 50, 54.5, 60].map(idle)).toEqual([0, 0, 0, 4, 8.5, 14]);
});

test('drains a worker after its poll, and resumes it', () => {
  const { world, worker } = launched([150]);
  world.advance(70);
  world.instruct(worker, { kind: 'drain', id: '1' });
  world.advance(72.1);
  expect(worker.state).toBe('draining');
  // Up at 40: its polls end every 5 s from then on.
  world.advance(74.9);
  expect(worker.state).toBe('draining');
  world.advance(75);
  expect(worker.state).toBe('drained');
  world.advance(149);
  world.instruct(worker, { kind: 'resume', id: '2' });
  world.advance(160);
  expect(worker.state).toBe('working');
  expect(world.measure.answered).toBe(1);
});

test('never polls with a worker that is drained during its boot, unless it is resumed', () => {
  const { world, worker } = launched([10]);
  world.advance(20);
  world.instruct(worker, { kind: 'drain', id: '1' });
  world.advance(100);
  expect(worker.state).toBe('drained');
  expect(world.counts().visible).toBe(1);
  world.launch(1); // up at 140
  const [, other] = world.workers;
  if (other === undefined) throw new Error('not launched');
  world.instruct(other, { kind: 'drain', id: '2' });
  world.instruct(other, { kind: 'resume', id: '3' });
  world.advance(140.5);
  expect(other.state).toBe('working');
  expect(world.counts().visible).toBe(0);
});

test('finishes the images of a draining worker and receives no more', () => {
  const { world, worker } = launched([50, 65], { serviceSeconds: [30, 1] });
  world.advance(55);
  world.instruct(worker, { kind: 'drain', id: '1' });
  world.advance(90);
  expect(worker.state).toBe('drained');
  expect(world.measure.answered).toBe(1);
  expect(world.counts().visible).toBe(1);
});

test.each([
  { service: 20, answered: 1, interrupted: 0, endedAt: 80 },
  { service: 40, answered: 0, interrupted: 1, endedAt: 85 },
])(
  'stopped at 55 with 30 s of grace, an image of $service s from 50 on: $answered answered',
  ({ service, answered, interrupted, endedAt }) => {
    const { world, worker } = launched([50], { serviceSeconds: [service] });
    world.advance(55);
    world.stop(worker, 30);
    world.advance(100);
    const { measure } = world;
    expect(measure).toMatchObject({ answered, interrupted });
    // Its poll beside the image, begun at 50, ends at 70; the image at 70; so it ends then, or after the grace.
    expect(worker.endedAt).toBe(service === 20 ? 70 : endedAt);
  },
);

test('finishes the image of an interrupted Spot worker, which then ends', () => {
  const { world, worker } = launched([50], {
    world: { spotInterruptionsPerHour: 60 },
    durationSeconds: 3600,
  });
  world.advance(3600);
  expect(worker.state).toBe('ended');
  expect(world.measure).toMatchObject({ interrupted: 0 });
});

test('never receives with a worker whose boot fails', () => {
  const { world, worker } = launched([50], { world: { boot: { failedShare: 1 } } });
  world.advance(3000);
  expect(worker.state).toBe('booting');
  expect(world.counts().visible).toBe(1);
});
