import { CreateTagsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

/** An instance that prints its environment and keeps running. */
const PRINTS = 'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1e6)';
const dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-metadata-'));
afterAll(() => rm(dataDir, { recursive: true })); // after the server's own end: hooks run last first
const cloud = useLocalCloud({
  images: { 'ami-prints': { command: [process.execPath, '-e', PRINTS] } },
  dataDir,
});

const USER_DATA =
  'REQUEST_QUEUE_URL=http://127.0.0.1/q\nPRICES_USD="two words"\nNODE_OPTIONS=--no-such-option\nPATH=/nowhere\n';

let instanceId: string;
let environment: Record<string, string>;
let endpoint: string;

beforeAll(async () => {
  const { Instances } = await cloud.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-prints',
      InstanceType: 'c7i.large',
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(USER_DATA).toString('base64'),
      MetadataOptions: { InstanceMetadataTags: 'enabled', HttpTokens: 'required' },
      IamInstanceProfile: { Name: 'worker-role' },
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'labelfleet:fleet', Value: 'f' }] },
      ],
    }),
  );
  instanceId = Instances?.[0]?.InstanceId ?? '';
  environment = await vi.waitFor(
    async () =>
      JSON.parse(await readFile(join(dataDir, 'logs', `${instanceId}.log`), 'utf8')) as Record<
        string,
        string
      >,
    { timeout: 10_000, interval: 10 },
  );
  endpoint = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? '';
});

const service = () => new MetadataService({ endpoint, ec2MetadataV1Disabled: true, retries: 0 });
const read = (path: string) => service().request(path, {});

test('gives an instance only PATH, HOME, the variables of its user data and its metadata endpoint', () => {
  expect(environment).toEqual({
    PATH: expect.not.stringMatching('/nowhere') as string,
    HOME: expect.any(String) as string,
    REQUEST_QUEUE_URL: 'http://127.0.0.1/q',
    PRICES_USD: 'two words',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+$/,
    ) as string,
  });
});

// docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html
describe('instance metadata', () => {
  test.each([
    ['instance-id', () => instanceId],
    ['instance-type', () => 'c7i.large'],
    ['placement/availability-zone', () => 'us-east-1a'],
    ['placement/region', () => 'us-east-1'],
    ['placement/', () => 'availability-zone\nregion'],
    ['iam/security-credentials/', () => 'worker-role'],
    ['tags/instance', () => 'labelfleet:fleet'],
    ['tags/instance/labelfleet:fleet', () => 'f'],
  ])('%s', async (path, value) => {
    expect(await read(`/latest/meta-data/${path}`)).toBe(value());
  });

  test('has the unchanged user data', async () => {
    expect(await read('/latest/user-data')).toBe(USER_DATA);
  });

  test('is also served with a doubled slash', async () => {
    expect(await read('//latest/meta-data/instance-id')).toBe(instanceId);
  });

  // docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
  test('shows a tag that is set while the instance runs', async () => {
    await cloud.ec2.send(
      new CreateTagsCommand({
        Resources: [instanceId],
        Tags: [{ Key: 'labelfleet:drain', Value: '1' }],
      }),
    );
    expect(await read('/latest/meta-data/tags/instance/labelfleet:drain')).toBe('1');
  });

  // docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
  test.each(['spot/instance-action', 'nothing', 'tags/instance/toString'])(
    '%s is a 404',
    async (path) => {
      await expect(read(`/latest/meta-data/${path}`)).rejects.toMatchObject({
        $metadata: { httpStatusCode: 404 },
      });
    },
  );

  // docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
  test('refuses requests without a valid token', async () => {
    const url = `${endpoint}/latest/meta-data/instance-id`;
    expect((await fetch(url)).status).toBe(401);
    const headers = { 'x-aws-ec2-metadata-token': 'wrong' };
    expect((await fetch(url, { headers })).status).toBe(401);
  });

  test.each(['', '0', '21601', 'long'])('gives no token that lives "%s" seconds', async (ttl) => {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': ttl };
    const answer = await fetch(`${endpoint}/latest/api/token`, { method: 'PUT', headers });
    expect(answer.status).toBe(400);
  });

  test('gives the credentials of its role in the form of the SDK', async () => {
    const text = await read('/latest/meta-data/iam/security-credentials/worker-role');
    expect(JSON.parse(text)).toMatchObject({
      Code: 'Success',
      AccessKeyId: expect.stringMatching(/^ASIA/) as string,
      SecretAccessKey: expect.any(String) as string,
      Token: expect.any(String) as string,
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    });
  });
});

test('serves the log of an instance and the whole state as text', async () => {
  const log = await fetch(`${cloud.endpoint}/_local/instances/${instanceId}/log`);
  expect(await log.json()).toEqual(environment);
  const state = await fetch(`${cloud.endpoint}/_local/state`);
  expect(state.headers.get('content-type')).toContain('text/html');
  expect(await state.text()).toContain(instanceId);
});
