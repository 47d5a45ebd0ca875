import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { isTransient } from '../errors.ts';
import { metadataContract } from '../testing/metadata-contract.ts';
import { startStubService, type StubCall } from '../testing/stub-service.ts';
import { startTestCloud } from '../testing/start-test-cloud.ts';
import { connectInstanceMetadata } from './connect-instance-metadata.ts';

describe('ImdsInstanceMetadata', () =>
  metadataContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'labelfleet-metadata-'));
    const report = join(folder, 'endpoint');
    // An instance that writes its metadata endpoint to a file and then sleeps.
    const writeEndpoint = `printf %s "$AWS_EC2_METADATA_SERVICE_ENDPOINT" > "${report}" && exec sleep 600`;
    const cloud = await startTestCloud({
      images: { 'ami-endpoint': { command: ['sh', '-c', writeEndpoint] } },
    });
    const template = await cloud.createLaunchTemplate({
      name: 'contract',
      imageId: 'ami-endpoint',
      instanceType: 't3.micro',
      userData: 'LOG_LEVEL=info\n',
    });
    const { fleet } = cloud.ec2;
    const tags = { 'labelfleet:fleet': 'contract', 'labelfleet:launch': 'contract-1' };
    const outcome = await fleet.launch({
      clientToken: 'contract-1',
      count: 1,
      launchTemplateId: template.id,
      launchTemplateVersion: '1',
      market: 'spot',
      tags,
    });
    const instanceId = outcome.kind === 'launched' ? (outcome.instances[0]?.instanceId ?? '') : '';
    const endpoint = await vi.waitFor(
      async () => {
        const text = await readFile(report, 'utf8');
        if (text === '') throw new Error('The instance has not written its metadata endpoint yet.');
        return text;
      },
      { timeout: 10_000, interval: 50 },
    );
    return {
      metadata: connectInstanceMetadata({ endpoint }),
      instanceId,
      machine: { type: 't3.micro', market: 'spot' },
      tags,
      setTag: async (key, value) => void (await fleet.tag(instanceId, { [key]: value })),
      async [Symbol.asyncDispose]() {
        await cloud[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }));

/** An IMDSv2 service that serves these texts by path, and 404 for any other path. */
const serving = (texts: Record<string, string>) => (call: StubCall) => {
  if (call.method === 'PUT') return { body: 'token' };
  const text = texts[call.path.replace(/^\/*latest\/meta-data\//, '')];
  return text === undefined ? { status: 404, body: '' } : { body: text };
};

test('fetches one token for many reads', async () => {
  await using service = await startStubService(serving({ 'instance-id': 'i-1' }));
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  await Promise.all([metadata.instanceId(), metadata.spotInterruption()]);
  await metadata.instanceId();
  expect(service.calls.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});

test('fetches a new token when the service rejects the cached one', async () => {
  let reads = 0;
  await using service = await startStubService((call) =>
    call.method === 'GET' && reads++ === 1
      ? { status: 401, body: '' }
      : serving({ 'instance-id': 'i-1' })(call),
  );
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  expect([await metadata.instanceId(), await metadata.instanceId()]).toEqual(['i-1', 'i-1']);
});

test('reads the action and the time of a Spot interruption notice', async () => {
  await using service = await startStubService(
    serving({ 'spot/instance-action': '{"action":"terminate","time":"2026-11-22T05:02:00Z"}' }),
  );
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  expect(await metadata.spotInterruption()).toEqual({
    action: 'terminate',
    at: new Date('2026-11-22T05:02:00Z'),
  });
});

test('omits a tag that is deleted while the tags are read', async () => {
  await using service = await startStubService(
    serving({ 'tags/instance': 'gone\nkept', 'tags/instance/kept': 'value' }),
  );
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  expect(await metadata.tags()).toEqual({ kept: 'value' });
});

test('rejects, rather than returns no tags, when tags are disabled in metadata', async () => {
  await using service = await startStubService(serving({}));
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  await expect(metadata.tags()).rejects.toMatchObject({ code: 'Http404' });
});

test('rejects as transient when the service cannot be reached', async () => {
  const service = await startStubService(serving({}));
  await service[Symbol.asyncDispose]();
  const metadata = connectInstanceMetadata({ endpoint: service.endpoint });
  const error = await metadata.instanceId().catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'NoAnswer' });
  expect(isTransient(error)).toBe(true);
});
