import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { decodeJobMessage, partKey, type JobLine, type JobView } from '@labelfleet/contracts';
import { JobStore } from '@labelfleet/jobs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProcess } from './testing/gateway-process.ts';
import { someKeys, workOn } from './testing/jobs.ts';

const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };

let cloud: TestCloud;
let gateway: ReturnType<typeof startProcess>;
let url: string;
let batchQueueUrl: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  for (const bucket of [...Object.values(BUCKETS), 'photos']) await cloud.createBucket(bucket);
  batchQueueUrl = await cloud.createQueue('batch');
  gateway = startProcess({
    ...cloud.environment,
    ...BUCKETS,
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue('fleet-events'),
    BATCH_QUEUE_URL: batchQueueUrl,
    JOB_SOURCES: 'photos,gone',
    PORT: '0',
  });
  url = await gateway.url;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

const create = (body: object) =>
  fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const buckets = () => ({
  jobs: new JobStore(cloud.s3.store('state')),
  storeOf: (bucket: string) => cloud.s3.store(bucket),
});

/** Creates a job, and does it as workers do. */
async function completeJob(prefix: string, keys: readonly string[]): Promise<JobView> {
  for (const key of keys)
    await cloud.s3.store('photos').put(key, 'image', { contentType: 'image/jpeg' });
  const created = (await (await create({ source: { prefix } })).json()) as JobView;
  const { jobs, storeOf } = buckets();
  const job = (await jobs.job(created.id))!;
  const work = workOn({ jobs, storeOf }, job, 10);
  await work.finish(await work.list(keys, { isLast: true }));
  await work.complete();
  return created;
}

test('a job is created, planned, read and downloaded by HTTP, whatever its keys are', async () => {
  const keys = ['2026/ein Bär.jpg', '2026/a+b&c=d?#%20.jpg', '2026/\u{1F34A}\t.jpg'].sort();
  const { id, links } = await completeJob('s3://photos/2026/', keys);
  const [message] = await cloud.sqs
    .queue(batchQueueUrl)
    .receive({ maxMessages: 1, waitSeconds: 20, visibilityTimeoutSeconds: 1 });
  expect(decodeJobMessage(message?.body ?? '')).toEqual({
    kind: 'decoded',
    value: { v: 1, type: 'plan', job: id },
  });
  // The gateway may have looked at the job a moment ago.
  await expect
    .poll(async () => (await (await fetch(url + links.self)).json()) as JobView)
    .toMatchObject({ id, status: 'succeeded', counts: { listed: 3, succeeded: 3 } });
  const results = await (await fetch(url + links.results)).text();
  const images = results
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as JobLine).image);
  expect(images).toEqual(keys.map((key) => `s3://input/${key}`));
  const listed = (await (await fetch(`${url}/v1/jobs`)).json()) as { jobs: JobView[] };
  expect(listed.jobs).toMatchObject([{ id }]);
});

test('a part that is deleted breaks the connection', async () => {
  const { id, links } = await completeJob('s3://photos/more/', someKeys(100, 'more/'));
  await cloud.s3.store('output').delete(partKey({ bucket: 'output', prefix: 'jobs/' }, id, 0, 7));
  const response = await fetch(url + links.results);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
  await expect.poll(() => gateway.lines.join('\n')).toContain('job.lines-broken');
});

test.each([
  ['a bucket that does not exist', { prefix: 's3://gone/' }, 404],
  ['a prefix without objects', { prefix: 's3://photos/nothing/' }, 404],
  ['a manifest that does not exist', { manifest: 's3://photos/list' }, 404],
  ['the input bucket, which is not allowed here', { prefix: 's3://input/uploads/' }, 403],
])('%s is refused at once', async (_what, source, status) => {
  expect((await create({ source })).status).toBe(status);
});

test('a dry run counts as many objects as there are', async () => {
  const store = cloud.s3.store('photos');
  const keys = someKeys(1_005, 'many/');
  const left = keys.values();
  const putRest = async () => {
    for (const key of left) await store.put(key, 'image', { contentType: 'image/jpeg' });
  };
  await Promise.all(Array.from({ length: 16 }, putRest));
  const source = { prefix: 's3://photos/many/' };
  const estimate = (await (await create({ source, dryRun: true })).json()) as object;
  expect(estimate).toMatchObject({ images: 1_005, bytes: 5_025, complete: true });
  const list = keys.map((key) => `${JSON.stringify({ key: `s3://photos/${key}` })}\n`).join('');
  await store.put('list', list, { contentType: 'application/jsonl' });
  const manifest = { manifest: 's3://photos/list' };
  const counted = (await (await create({ source: manifest, dryRun: true })).json()) as object;
  expect(counted).toMatchObject({ images: 1_005, complete: true });
});
