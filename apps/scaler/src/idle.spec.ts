import { expect, test } from 'vitest';
import { createFakeCloud } from './testing/fake-cloud.ts';
import { createTestScaler } from './testing/test-scaler.ts';

const HOUR_SECONDS = 3600;

test('a scaler with nothing to do writes little: 200 leases and 90 snapshots an hour', async () => {
  const scaler = createTestScaler();
  await scaler.tick();
  await scaler.tick();
  let puts: string[] = [];
  for (let seconds = 0; seconds < HOUR_SECONDS; seconds += 2) {
    await scaler.tick();
    puts = [...puts, ...scaler.calls.filter((call) => call.startsWith('Put'))];
  }
  const leases = puts.filter((call) => call.includes('lease')).length;
  // The lease is written every 18 s, the snapshot every 38 s.
  expect(leases).toBeLessThanOrEqual(200);
  expect(leases).toBeGreaterThan(150);
  expect(puts.length - leases).toBeLessThanOrEqual(95);
  expect(await scaler.snapshot()).toMatchObject({ publishedEverySeconds: 40 });
});

test('after an idle hour, an image gets a worker at the next tick, and the lease is short again', async () => {
  const cloud = createFakeCloud();
  const scaler = createTestScaler({ cloud, name: 'a' });
  for (let tick = 0; tick < 60; tick += 1) await scaler.tick();
  cloud.images(1);
  expect(await scaler.tick()).toEqual([expect.stringContaining('RunInstances')]);
  expect(await scaler.snapshot()).toMatchObject({ publishedEverySeconds: 10 });

  // Its successor need not wait longer than for any other.
  const successor = createTestScaler({ cloud, name: 'b' });
  await successor.standBy(12);
  expect(successor.lease.role).toBe('leader');
});

test('the successor of a scaler that died idle takes over within a minute', async () => {
  const cloud = createFakeCloud();
  const scaler = createTestScaler({ cloud, name: 'a' });
  for (let tick = 0; tick < 60; tick += 1) await scaler.tick();
  const successor = createTestScaler({ cloud, name: 'b' });
  await successor.standBy(59);
  expect(successor.lease.role).toBe('standby');
  await successor.standBy(3);
  expect(successor.lease.role).toBe('leader');
});

test('a standby does not take the lease when the leader begins or ends to idle', async () => {
  const cloud = createFakeCloud();
  const scaler = createTestScaler({ cloud, name: 'a' });
  const standby = createTestScaler({ cloud, name: 'b' });
  for (let seconds = 0; seconds < 600; seconds += 2) {
    cloud.images(seconds % 100 < 50 ? 0 : 1);
    await scaler.tick();
    await standby.lease.due();
    expect([scaler.lease.role, standby.lease.role]).toEqual(['leader', 'standby']);
  }
});
