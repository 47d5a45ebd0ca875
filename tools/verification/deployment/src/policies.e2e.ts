import { until } from '@labelfleet/testkit/until';
import { describe, expect, test } from 'vitest';
import { acceptImage } from './accept-image.ts';
import { noNamespace } from './namespace.ts';
import { withoutRight, withUserData } from './templates/changes.ts';
import { Deployment } from './templates/start-deployment.ts';
import { useAssembly } from './templates/use-assembly.ts';

const SOON = { timeoutMs: 30_000 };

describe.skipIf(noNamespace)(`a role that lacks a right ${noNamespace ?? ''}`, () => {
  const assembly = useAssembly();

  test('the scaler says that it needs ListBucket to see that an object is missing', async () => {
    const change = withoutRight('scaler', 'TellMissing');
    await using deployment = await Deployment.start(assembly, change);
    await using scaler = deployment.startScaler();
    const url = await scaler.url;
    const denial = () => scaler.log.find(({ event }) => event === 'access.denied');
    await until('it is logged', async () => denial() !== undefined, SOON);
    const bucket = `arn:aws:s3:::${deployment.deployed.environment.scaler['STATE_BUCKET']}`;
    expect(denial()).toMatchObject({
      level: 'error',
      action: 's3:GetObject',
      resource: `${bucket}/fleet/lease.json`,
      hint: 'a missing object is a 403, too, without s3:ListBucket on its bucket',
    });
    const health = await fetch(new URL('/healthz', url));
    expect([health.status, await health.json()]).toEqual([
      503,
      expect.objectContaining({
        status: 'no-lease',
        detail: expect.stringContaining(`s3:ListBucket on resource: ${bucket} `) as string,
      }),
    ]);
  });

  test('the scaler says what a launch needs', async () => {
    const change = withoutRight('scaler', 'PassWorkerRole');
    await using deployment = await Deployment.start(assembly, change);
    await using gateway = await deployment.startGateway();
    await using scaler = deployment.startScaler();
    await acceptImage(gateway.url);
    const refusal = () => scaler.log.find(({ event }) => event === 'launch.refused');
    await until('it is logged', async () => refusal() !== undefined, SOON);
    expect(refusal()).toMatchObject({
      level: 'error',
      code: 'UnauthorizedOperation',
      detail: expect.stringContaining('not authorized to perform: iam:PassRole') as string,
      advice: expect.stringContaining("iam:PassRole for the workers' role") as string,
    });
    expect(await deployment.instances()).toEqual([]);
  });

  test('the gateway is not ready without a right on a bucket, and names the bucket', async () => {
    const change = withoutRight('gateway', 'TellMissing', /output/);
    await using deployment = await Deployment.start(assembly, change);
    await using gateway = deployment.startApp('gateway');
    const ready = await fetch(new URL('/readyz', await gateway.url));
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({
        detail: expect.stringContaining(
          'Not ready: the output bucket cannot be reached (AccessDenied).',
        ) as string,
      }),
    ]);
  });

  test('a worker that may not fetch its pack ends its instance, with the reason on its console', async () => {
    await using deployment = await Deployment.start(assembly, {
      ...withoutRight('worker', 'FetchPack'),
      ...withUserData(/^PACK_FETCH_SECONDS=.*$/m, 'PACK_FETCH_SECONDS=1'),
    });
    await using gateway = await deployment.startGateway();
    await using scaler = deployment.startScaler();
    await acceptImage(gateway.url);
    const failed = () => scaler.log.some(({ event }) => event === 'boot.failed');
    await until('the boot has failed', async () => failed(), SOON);
    const [first] = await deployment.instances();
    const console = await deployment.consoleOf(first ?? {});
    expect(console).toMatch(
      /403.*\nlabelfleet: boot failed: \S+ could not be fetched within 1 s\n$/,
    );
  });
});
