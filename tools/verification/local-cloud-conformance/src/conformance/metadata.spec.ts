import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { expectStatus } from '@labelfleet/testkit/expect-error';
import { launchOne, setTag, tagged } from '@labelfleet/testkit/test-instances';
import { STAYS, useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

/** An instance that prints its environment and keeps running. */
const PRINTS = 'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1e6)';
const cloud = useLocalCloud({ images: { [STAYS]: { command: [process.execPath, '-e', PRINTS] } } });

const USER_DATA =
  'REQUEST_QUEUE_URL=http://127.0.0.1/q\nPRICES_USD="two words"\nNODE_OPTIONS=--no-such-option\nPATH=/nowhere\n';

let instanceId: string;
let environment: Record<string, string>;
let endpoint: string;

beforeAll(async () => {
  instanceId = await launchOne(cloud, {
    InstanceType: 'c7i.large',
    UserData: Buffer.from(USER_DATA).toString('base64'),
    MetadataOptions: { InstanceMetadataTags: 'enabled', HttpTokens: 'required' },
    IamInstanceProfile: { Name: 'worker-role' },
    TagSpecifications: tagged('labelfleet:fleet', 'f'),
  });
  const readLog = async () => {
    const log = await fetch(`${cloud.endpoint}/_local/instances/${instanceId}/log`);
    return (await log.json()) as Record<string, string>;
  };
  environment = await vi.waitFor(readLog, { timeout: 10_000, interval: 10 });
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
    await setTag(cloud, instanceId, 'labelfleet:drain', '1');
    expect(await read('/latest/meta-data/tags/instance/labelfleet:drain')).toBe('1');
  });

  // docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
  test.each(['spot/instance-action', 'nothing', 'tags/instance/toString'])(
    '%s is a 404',
    async (path) => {
      await expectStatus(read(`/latest/meta-data/${path}`), 404);
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
