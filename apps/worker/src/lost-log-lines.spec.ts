import { startTestCloud } from '@labelfleet/aws/testing';
import { decodeStoredResult, encodeRequestMessage, resultKey } from '@labelfleet/contracts';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aRequest } from './testing/builders.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

test('a worker whose log cannot be written completes its requests', async () => {
  const command = ['sh', '-c', `exec ${process.execPath} ${MAIN} > /dev/full`];
  await using cloud = await startTestCloud({ images: { 'ami-worker': { command } } });
  for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
  const requestsUrl = await cloud.createQueue('requests');
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    REQUEST_QUEUE_URL: requestsUrl,
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue('fleet-events'),
    ...{ INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' },
  };
  const template = await cloud.createWorkerTemplate('ami-worker', variables);
  const launch = { clientToken: 'once', count: 1, market: 'on-demand', tags: {} } as const;
  const version = { launchTemplateId: template.id, launchTemplateVersion: '1' };
  await cloud.ec2.fleet.launch({ ...launch, ...version });

  const request = aRequest();
  await cloud.s3
    .store('input')
    .put(request.imageKey, 'not an image', { contentType: 'image/jpeg' });
  await cloud.sqs.queue(requestsUrl).send({ body: encodeRequestMessage(request) });
  const result = async () => {
    const object = await cloud.s3.store('output').get(resultKey(request.requestId));
    return object && decodeStoredResult(new TextDecoder().decode(object.body));
  };
  await expect
    .poll(result, { timeout: 25_000, interval: 100 })
    .toMatchObject({ kind: 'decoded', value: { status: 'failed' } });
});
