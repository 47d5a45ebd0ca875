import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { expectRightLabels, useImages } from '@labelfleet/end-to-end/sent-images';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { launchOne, tagged, untilState } from '@labelfleet/testkit/test-instances';
import { until } from '@labelfleet/testkit/until';
import { describe, expect, test } from 'vitest';
import { acceptImage } from './accept-image.ts';
import { noNamespace } from './namespace.ts';
import { withUserData } from './templates/changes.ts';
import { IMAGE } from './templates/deploy-locally.ts';
import { Deployment } from './templates/start-deployment.ts';
import { useAssembly } from './templates/use-assembly.ts';

const images = useImages(2);

describe.skipIf(noNamespace)(`the synthesized launch template ${noNamespace ?? ''}`, () => {
  const assembly = useAssembly();

  test('launches a worker that classifies, drains and leaves nothing, by the rights of its role', async () => {
    await using deployment = await Deployment.start(assembly);
    const { workers } = deployment.deployed;
    const { LaunchTemplateVersions } = await deployment.cloud.clients.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: workers.templateId }),
    );
    expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toEqual(workers.data);
    {
      await using gateway = await deployment.startGateway();
      await using scaler = deployment.startScaler();
      await scaler.url;
      await expectRightLabels(gateway.url, images, { concurrency: 2 });
      const [worker, ...others] = await deployment.untilEnded();
      expect(others).toEqual([]);
      expect(worker?.Tags).toEqual(
        expect.arrayContaining([
          { Key: 'aws:ec2launchtemplate:id', Value: workers.templateId },
          { Key: 'aws:ec2launchtemplate:version', Value: '1' },
          { Key: 'labelfleet:fleet', Value: 'labelfleet' },
          { Key: 'Name', Value: 'labelfleet-run/WorkerTemplate' },
        ]),
      );
      expect(worker?.StateReason?.Code).toBe('Client.UserInitiatedShutdown');
      expect(await deployment.consoleOf(worker ?? {})).toBe('');
      const events = [...gateway.log, ...scaler.log].map(({ event }) => event);
      expect(events).not.toContain('access.denied');
    }
    expect(await deployment.replyQueues()).toEqual([]);
    expect(await deployment.processes()).toEqual([]);
  });

  test.each([
    [
      'whose pack is another one',
      /^PACK_SHA256=.*$/m,
      `PACK_SHA256=${'0'.repeat(64)}`,
      /^labelfleet: boot failed: \S+ does not have SHA-256 0{64}\n$/,
    ],
    ['whose worker refuses its configuration', /^PACK_FETCH_SECONDS=.*$/m, 'SLOTS=none', /SLOTS/],
  ])('ends an instance %s, with the reason on its console', async (_, line, instead, reason) => {
    await using deployment = await Deployment.start(assembly, withUserData(line, instead));
    await using gateway = await deployment.startGateway();
    await using scaler = deployment.startScaler();
    await acceptImage(gateway.url);
    const failed = () => scaler.log.find(({ event }) => event === 'boot.failed');
    await until('the boot has failed', async () => failed() !== undefined, FAILURE);
    const [first] = await deployment.instances();
    expect(failed()).toMatchObject({
      instanceId: first?.InstanceId,
      cause: 'Client.InstanceInitiatedShutdown',
    });
    expect(first?.State?.Name).toBe('terminated');
    expect(await deployment.consoleOf(first ?? {})).toMatch(reason);
  });

  test('has its instances terminated although one was told to stop instead', async () => {
    const wrong = withUserData(/^PACK_SHA256=.*$/m, 'PACK_SHA256=none');
    await using deployment = await Deployment.start(assembly, wrong);
    const { clients } = deployment.cloud;
    const id = await launchOne(
      { ec2: clients.ec2, imageId: IMAGE },
      {
        LaunchTemplate: { LaunchTemplateId: deployment.deployed.workers.templateId },
        SubnetId: 'subnet-0000000000000000a',
        InstanceInitiatedShutdownBehavior: 'stop',
        TagSpecifications: tagged('labelfleet:fleet', 'labelfleet'),
      },
    );
    await untilState(clients, id, 'stopped');
    await using scaler = deployment.startScaler();
    await scaler.url;
    await untilState(clients, id, 'terminated');
  });

  test('is launched again when EC2 accepts a launch that then fails, and the reason is logged', async () => {
    await using deployment = await Deployment.start(assembly);
    const code = 'Client.VolumeLimitExceeded';
    await new FaultsClient(deployment.cloud.endpoint).set({ kind: 'boot-failure', code, count: 1 });
    await using gateway = await deployment.startGateway();
    await using scaler = deployment.startScaler();
    await expectRightLabels(gateway.url, images, { concurrency: 2 });
    const [first] = await deployment.instances();
    expect(first?.StateReason?.Code).toBe(code);
    expect(scaler.log).toContainEqual(
      expect.objectContaining({
        event: 'boot.failed',
        instanceId: first?.InstanceId,
        cause: code,
        detail: `${code}: Volume limit exceeded`,
      }),
    );
  });

  test('is launched with a new token when the instance of a launch without an answer has ended', async () => {
    await using deployment = await Deployment.start(assembly);
    const faults = new FaultsClient(deployment.cloud.endpoint);
    const calls = async () => (await faults.log({ fault: 'calls' })).map(({ facts }) => facts);
    const action = 'RunInstances';
    await faults.set({ id: 'calls', kind: 'latency', seconds: 0, action });
    await faults.set({ kind: 'lost-reply', action, count: 1 });
    await faults.set({ kind: 'boot-failure', count: 1 });
    // Otherwise the listing would show what was launched, and the call would not be repeated.
    const listing = await faults.set({ kind: 'stale-describe', seconds: 600 });
    await using gateway = await deployment.startGateway();
    await using scaler = deployment.startScaler();
    await scaler.url;
    const labels = expectRightLabels(gateway.url, images, { concurrency: 2 });
    await until('the call is repeated', async () => (await calls()).length > 1, FAILURE);
    await faults.clear(listing.id);
    await labels;
    const [first, second, ...others] = await deployment.instances();
    expect(others).toEqual([]);
    expect(first?.StateReason?.Code).toBe('Server.InternalError');
    // The repeated call was answered with IdempotentInstanceTerminated.
    const tokens = (await calls()).map(({ clientToken }) => clientToken?.[0]);
    expect(tokens).toEqual([first?.ClientToken, first?.ClientToken, second?.ClientToken]);
  });
});

const FAILURE = { timeoutMs: 60_000 };
