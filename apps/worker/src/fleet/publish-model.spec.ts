import { AwsCallError } from '@labelfleet/aws/errors';
import { readJson } from '@labelfleet/aws/store';
import { fakeS3 } from '@labelfleet/aws/testing';
import {
  LATEST_MODEL_KEY,
  modelDescriptionCodec,
  modelDescriptionKey,
  type ModelDescription,
} from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { silentLog } from '../testing/builders.ts';
import { publishModel } from './publish-model.ts';

const model: ModelDescription = {
  ...{ v: 1, name: 'mine', version: '2', sha256: 'ab' },
  ...{ labels: ['ox', 'bee'], accuracy: { images: 10, top1: 0.7, top5: 1 } },
};

test('a model is described under its hash, and as the latest one', async () => {
  const s3 = fakeS3();
  s3.createBucket('state');
  await publishModel(s3.store('state'), model, silentLog);
  for (const key of [modelDescriptionKey('ab'), LATEST_MODEL_KEY]) {
    const stored = await readJson(s3.store('state'), key, modelDescriptionCodec);
    expect(stored?.value).toEqual(model);
  }
});

test('a failure does not stop the worker', async () => {
  const s3 = fakeS3({
    beforeCall: (operation) => {
      throw new AwsCallError(operation, { code: 'AccessDenied', message: 'no' });
    },
  });
  s3.createBucket('state');
  const published = publishModel(s3.store('state'), model, silentLog);
  await expect(published).resolves.toBeUndefined();
});
