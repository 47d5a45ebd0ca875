import { AwsCallError } from '@labelfleet/aws/errors';
import {
  LATEST_MODEL_KEY,
  modelDescriptionCodec,
  modelDescriptionKey,
  type ModelDescription,
} from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { publishFleet } from '../testing/fleet.ts';
import { fakeGateway, type FakeGateway } from '../testing/gateway.ts';

const aModel = (name: string): ModelDescription => ({
  ...{ v: 1, name, version: '1', sha256: name, labels: ['ox', 'bee'] },
  accuracy: { images: 100, top1: 0.7, top5: 1 },
  calibration: {
    ...{ images: 100, confidence: 0.95 },
    thresholds: [{ score: 0, labeled: 1, precision: 0.7, precisionAtLeast: 0.61 }],
  },
});

const store = (gateway: FakeGateway, key: string, model: ModelDescription) =>
  gateway.state.put(key, modelDescriptionCodec.encode(model), { contentType: 'application/json' });

async function names(gateway: FakeGateway) {
  const response = await gateway.app.request('/v1/models');
  const { models } = (await response.json()) as { models: { name: string }[] };
  return models.map(({ name }) => name);
}

describe('GET /v1/models', () => {
  test('returns no model before the first worker has started', async () => {
    await using gateway = await fakeGateway();
    expect(await names(gateway)).toEqual([]);
  });

  test('returns what the latest model knows while no worker is up', async () => {
    await using gateway = await fakeGateway();
    await store(gateway, LATEST_MODEL_KEY, aModel('new'));
    await store(gateway, modelDescriptionKey('old'), aModel('old'));
    await publishFleet(gateway, { at: new Date().toISOString(), models: [] });
    const response = await gateway.app.request('/v1/models');
    expect(await response.json()).toEqual({ models: [{ ...aModel('new'), v: undefined }] });
    const etag = response.headers.get('etag') ?? '';
    const again = await gateway.app.request('/v1/models', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('returns the models of the workers that are up', async () => {
    await using gateway = await fakeGateway();
    for (const name of ['a', 'b', 'c'])
      await store(gateway, modelDescriptionKey(name), aModel(name));
    await store(gateway, LATEST_MODEL_KEY, aModel('c'));
    await publishFleet(gateway, { at: new Date().toISOString(), models: ['a', 'b'] });
    expect(await names(gateway)).toEqual(['a', 'b']);
  });

  test('returns the latest model while the fleet snapshot is stale, or none of its models is described', async () => {
    await using gateway = await fakeGateway();
    await store(gateway, modelDescriptionKey('a'), aModel('a'));
    await store(gateway, LATEST_MODEL_KEY, aModel('c'));
    await publishFleet(gateway, { models: ['a'] });
    expect(await names(gateway)).toEqual(['c']);
    await using another = await fakeGateway();
    await store(another, LATEST_MODEL_KEY, aModel('c'));
    await publishFleet(another, { at: new Date().toISOString(), models: ['b'] });
    expect(await names(another)).toEqual(['c']);
  });

  test('reads the store once for many requests, and again after a failure', async () => {
    let reads = 0;
    await using gateway = await fakeGateway({
      beforeCall: (operation, key) => {
        if (key !== LATEST_MODEL_KEY) return;
        reads += 1;
        if (reads === 1) throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    await store(gateway, modelDescriptionKey('c'), aModel('c'));
    expect((await gateway.app.request('/v1/models')).status).toBe(503);
    for (let call = 0; call < 3; call += 1) expect(await names(gateway)).toEqual([]);
    expect(reads).toBe(2);
  });
});
