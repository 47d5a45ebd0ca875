import { describe, expect, test } from 'vitest';
import { fakeGateway, publishFleet, SNAPSHOT } from '../testing/gateway.ts';

describe('GET /v1/fleet', () => {
  test('tells what the scaler last published', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway);
    expect(await (await gateway.app.request('/v1/fleet')).json()).toEqual({
      ...SNAPSHOT,
      v: undefined,
    });
  });

  test('knows of none before that', async () => {
    await using gateway = await fakeGateway();
    expect((await gateway.app.request('/v1/fleet')).status).toBe(404);
  });

  test('reads the store once for many who ask at the same time', async () => {
    let reads = 0;
    await using gateway = await fakeGateway({
      intercept: (operation) => {
        if (operation === 'GetObject') reads += 1;
      },
    });
    await publishFleet(gateway);
    await Promise.all(Array.from({ length: 5 }, async () => gateway.app.request('/v1/fleet')));
    expect(reads).toBe(1);
  });
});
