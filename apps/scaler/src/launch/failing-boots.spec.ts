import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { decodeFleetSnapshot, FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { createLogger, EXIT } from '@labelfleet/runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compose } from '../compose.ts';
import { parseConfig } from '../config.ts';
import { createTestFleet } from '../testing/test-fleet.ts';

const log = createLogger({ app: 'scaler', level: 'silent' });

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud({
    images: {
      'ami-exits': { command: ['sh', '-c', 'exit 66'] },
      'ami-stays': { command: ['sleep', '600'] },
    },
  });
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function failingFleet(name: string, imageId: string) {
  const fleet = await createTestFleet(cloud, { name, imageId, instanceType: 'c7g.large' });
  await fleet.requests.send({ body: 'an image' });
  const config = parseConfig({ ...fleet.variables, TICK_SECONDS: '0.1' });
  const error = vi.spyOn(log, 'error');
  const scaler = await compose(config, log, cloud.connection);
  return {
    error,
    stop: () => scaler.stop('the test has ended'),
    launched: async () => (await fleet.instances()).length,
    snapshot: async () => {
      const object = await fleet.state.get(FLEET_SNAPSHOT_KEY);
      const decoded = decodeFleetSnapshot(new TextDecoder().decode(object?.body));
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value;
    },
  };
}

describe('boots that fail on local-cloud', () => {
  it.each([
    {
      of: 'a worker that exits',
      imageId: 'ami-exits',
      cause: 'Client.InstanceInitiatedShutdown',
      says: 'exit code 66',
    },
    {
      of: 'an instance that never runs',
      imageId: 'ami-stays',
      fault: { id: 'boots', kind: 'boot-failure', match: { image: 'ami-stays' } },
      cause: 'Server.InternalError',
      says: 'Internal error on launch',
    },
  ])(
    'are logged with their cause, and delay launches: $of',
    async ({ imageId, fault, cause, says }) => {
      if (fault !== undefined)
        await fetch(`${cloud.endpoint}/_local/faults`, {
          method: 'POST',
          body: JSON.stringify(fault),
        });
      const fleet = await failingFleet(`failing-${imageId}`, imageId);
      await vi.waitFor(
        async () => {
          const { failedBoots, decision } = await fleet.snapshot();
          expect(failedBoots).toMatchObject({ count: 2, cause });
          expect(failedBoots?.message).toContain(says);
          expect(decision.reason).toContain('the last 2 boots failed');
        },
        { timeout: 20_000, interval: 20 },
      );
      expect(fleet.error).toHaveBeenCalledWith(
        expect.objectContaining({ event: 'boot.failed', cause }),
        'boot failed',
      );
      // Two at once; the third has to wait for 5 s after the second.
      expect(await fleet.launched()).toBe(2);
      await fleet.stop();
    },
  );
});

it('does not start with a launch template that stops workers and hides their tags', async () => {
  const { variables } = await createTestFleet(cloud, {
    name: 'good',
    imageId: 'ami-stays',
    instanceType: 'c7g.large',
  });
  const ec2 = new EC2Client(cloud.connection);
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'bad',
      LaunchTemplateData: {
        ImageId: 'ami-stays',
        NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
      },
    }),
  );
  ec2.destroy();
  const config = parseConfig({
    ...variables,
    WORKER_LAUNCH_TEMPLATE: 'bad',
    WORKER_SUBNET_IDS: 'subnet-1',
  });
  const starting = compose(config, log, cloud.connection);
  await expect(starting).rejects.toMatchObject({ exitCode: EXIT.config });
  for (const name of [
    'InstanceInitiatedShutdownBehavior',
    'InstanceMetadataTags',
    'NetworkInterface',
  ])
    await expect(starting).rejects.toThrow(name);
});
