import { describe, expect, test } from 'vitest';
import { publishFleet, SNAPSHOT } from '../testing/fleet.ts';
import { fakeGateway } from '../testing/gateway.ts';

const without = (name: string, all: object) =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));

describe('GET /v1/fleet', () => {
  test('returns the last fleet snapshot', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway);
    expect(await (await gateway.app.request('/v1/fleet')).json()).toEqual({
      ...without('v', SNAPSHOT),
      stale: true,
    });
  });

  test.each([
    { seconds: 35, every: 10, stale: false },
    { seconds: 37, every: 10, stale: true },
    { seconds: 90, every: 30, stale: false },
    { seconds: 97, every: 30, stale: true },
  ])(
    'calls a snapshot of $seconds s ago, published every $every s, stale: $stale',
    async ({ seconds, every, stale }) => {
      const now = Date.now();
      await using gateway = await fakeGateway({ unixMs: () => now });
      await publishFleet(gateway, {
        at: new Date(now - seconds * 1000).toISOString(),
        publishedEverySeconds: every,
      });
      expect(await (await gateway.app.request('/v1/fleet')).json()).toMatchObject({ stale });
      expect(await gateway.metric(`labelfleet_fleet_snapshot_stale ${Number(stale)}`)).toBe(true);
    },
  );

  test('returns 404 before the first snapshot', async () => {
    await using gateway = await fakeGateway();
    expect((await gateway.app.request('/v1/fleet')).status).toBe(404);
  });

  test('reads the store once for many concurrent requests', async () => {
    let reads = 0;
    await using gateway = await fakeGateway({
      beforeCall: (operation) => {
        if (operation === 'GetObject') reads += 1;
      },
    });
    await publishFleet(gateway);
    await Promise.all(Array.from({ length: 5 }, async () => gateway.app.request('/v1/fleet')));
    expect(reads).toBe(1);
  });
});
