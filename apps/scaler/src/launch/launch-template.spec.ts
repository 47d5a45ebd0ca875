import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeEc2 } from '@labelfleet/aws/testing';
import { EXIT } from '@labelfleet/runtime';
import { describe, expect, it, vi } from 'vitest';
import { LaunchTemplate } from './launch-template.ts';

const denied = (operation: string) =>
  new AwsCallError(operation, {
    code: 'UnauthorizedOperation',
    message: 'You are not authorized to perform this operation.',
    statusCode: 403,
  });

/** @param fail what a call fails with, by its operation and how many calls there were before */
function aTemplate(
  fail: (operation: string, before: number) => Error | undefined = () => undefined,
) {
  let calls = 0;
  const ec2 = fakeEc2({
    beforeCall: (operation) => {
      const error = fail(operation, calls++);
      if (error !== undefined) throw error;
    },
  });
  const error = vi.fn();
  const waits: number[] = [];
  const template = new LaunchTemplate({
    fleet: ec2.fleet,
    nameOrId: 'worker',
    places: { instanceTypes: undefined, subnetIds: undefined, markets: ['on-demand'] },
    log: { error },
  });
  const check = () => template.check({ sleep: async (ms) => void waits.push(ms) });
  return { ec2, template, check, waits, error };
}

describe('the check at the start', () => {
  it('names every fault at once, as a configuration error', async () => {
    const { ec2, check } = aTemplate();
    ec2.createLaunchTemplate('worker', { shutdownBehavior: 'stop', metadataTags: undefined });
    await expect(check()).rejects.toMatchObject({
      exitCode: EXIT.config,
      message: expect.stringMatching(
        /WORKER_LAUNCH_TEMPLATE=worker .*\n.*InstanceInitiatedShutdownBehavior.*\n.*InstanceMetadataTags/,
      ) as string,
    });
  });

  it('is a configuration error if there is no such template', async () => {
    await expect(aTemplate().check()).rejects.toMatchObject({ exitCode: EXIT.config });
  });

  it.each(['DescribeLaunchTemplates', 'DescribeLaunchTemplateVersions'])(
    'waits for a right that has not spread yet: ec2:%s',
    async (operation) => {
      const { ec2, check, waits } = aTemplate((called, before) =>
        called === operation && before < 6 ? denied(operation) : undefined,
      );
      ec2.createLaunchTemplate('worker');
      await check();
      expect(waits.length).toBeGreaterThan(0);
    },
  );

  it('waits two minutes for a missing permission, and then names it', async () => {
    const operation = 'DescribeLaunchTemplateVersions';
    const { ec2, check, waits } = aTemplate((called) =>
      called === operation ? denied(operation) : undefined,
    );
    ec2.createLaunchTemplate('worker');
    await expect(check()).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      message: expect.stringContaining('ec2:DescribeLaunchTemplateVersions') as string,
    });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(120_000);
  });
});

describe('the launch template of a running scaler', () => {
  it('is the newest version without faults, and a faulty version is logged once', async () => {
    const { ec2, template, check, error } = aTemplate();
    const id = ec2.createLaunchTemplate('worker');
    await check();
    expect(await template.resolve()).toEqual({ id, version: '1' });
    ec2.createLaunchTemplate('worker');
    expect(await template.resolve()).toEqual({ id, version: '2' });
    ec2.createLaunchTemplate('worker', { shutdownBehavior: undefined });
    expect(await template.resolve()).toEqual({ id, version: '2' });
    expect(await template.resolve()).toEqual({ id, version: '2' });
    expect(error.mock.calls).toEqual([
      [
        expect.objectContaining({
          event: 'launch-template.refused',
          template: { id, version: '3' },
          uses: { id, version: '2' },
        }),
        'launch template version refused',
      ],
    ]);
    ec2.createLaunchTemplate('worker');
    expect(await template.resolve()).toEqual({ id, version: '4' });
  });

  it('is the last version that it could inspect', async () => {
    let allowed = true;
    const { ec2, template, check } = aTemplate((operation) =>
      operation === 'DescribeLaunchTemplateVersions' && !allowed ? denied(operation) : undefined,
    );
    const id = ec2.createLaunchTemplate('worker');
    await check();
    ec2.createLaunchTemplate('worker');
    allowed = false;
    expect(await template.resolve()).toEqual({ id, version: '1' });
    allowed = true;
    expect(await template.resolve()).toEqual({ id, version: '2' });
  });
});
