import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Fleet, LaunchOutcome, LaunchRequest } from '../fleet/fleet.ts';

export interface FleetSubject extends AsyncDisposable {
  fleet: Fleet;
  /** A launch template that exists. */
  template: { name: string; id: string };
}

const TAG = 'labelfleet:fleet';
const NO_INSTANCE = 'i-0123456789abcdef0';

/** Test cases that every implementation of Fleet must pass. Each case uses its own fleet name. */
export function fleetContract(start: () => Promise<FleetSubject>): void {
  let subject: FleetSubject;
  let fleet: Fleet;
  let count = 0;
  beforeAll(async () => {
    subject = await start();
    ({ fleet } = subject);
    return () => subject[Symbol.asyncDispose]();
  });

  function launchRequest(overrides: Partial<LaunchRequest> = {}): LaunchRequest {
    count += 1;
    return {
      clientToken: `contract-${count}`,
      count: 1,
      launchTemplateId: subject.template.id,
      launchTemplateVersion: '1',
      market: 'on-demand',
      tags: { [TAG]: `fleet-${count}` },
      ...overrides,
    };
  }
  const fleetName = ({ tags }: LaunchRequest) => tags[TAG] ?? '';

  describe('a launch template', () => {
    test('is found by its name and by its id', async () => {
      const { id, name } = subject.template;
      expect(await fleet.resolveLaunchTemplate(name)).toEqual({ id, version: '1' });
      expect(await fleet.resolveLaunchTemplate(id)).toEqual({ id, version: '1' });
    });

    test('returns the fields of a version, and rejects when the version does not exist', async () => {
      const { id } = subject.template;
      expect(await fleet.describeLaunchTemplate({ id, version: '1' })).toMatchObject({
        shutdownBehavior: 'terminate',
        metadataTags: 'enabled',
        networkInterfaces: 0,
        terminationProtection: false,
        tagKeys: [],
      });
      await expect(fleet.describeLaunchTemplate({ id, version: '9' })).rejects.toMatchObject({
        code: 'InvalidLaunchTemplateId.VersionNotFound',
      });
    });

    test('that does not exist rejects', async () => {
      await expect(fleet.resolveLaunchTemplate('no-such-template')).rejects.toMatchObject({
        code: 'InvalidLaunchTemplateName.NotFoundException',
      });
    });
  });

  describe('a launch', () => {
    test('launches the requested number of instances with their tags, and list returns only those', async () => {
      const request = launchRequest({ count: 3 });
      const launched = ids(await fleet.launch(request));
      await fleet.launch(launchRequest());
      const listed = await fleet.list(TAG, fleetName(request));
      expect(listed.map(({ instanceId }) => instanceId).sort()).toEqual([...launched].sort());
      expect(new Set(launched).size).toBe(3);
      for (const instance of listed) {
        expect(['launching', 'running']).toContain(instance.state);
        expect(instance.tags).toMatchObject(request.tags);
      }
    });

    test('is known to be from its version of the launch template', async () => {
      const request = launchRequest();
      await fleet.launch(request);
      expect(await fleet.list(TAG, fleetName(request))).toMatchObject([
        { template: { id: subject.template.id, version: '1' } },
      ]);
    });

    test('uses the requested instance type', async () => {
      const outcome = await fleet.launch(launchRequest({ instanceType: 'c7i.large' }));
      expect(outcome).toMatchObject({ instances: [{ instanceType: 'c7i.large' }] });
    });

    test.each(['on-demand', 'spot'] as const)('uses the market %s', async (market) => {
      const request = launchRequest({ market });
      expect(await fleet.launch(request)).toMatchObject({ instances: [{ market }] });
      expect(await fleet.list(TAG, fleetName(request))).toMatchObject([{ market }]);
    });

    test('launches nothing more when it is repeated with its token', async () => {
      const request = launchRequest({ count: 2 });
      const first = ids(await fleet.launch(request));
      expect(ids(await fleet.launch(request))).toEqual(first);
      expect(await fleet.list(TAG, fleetName(request))).toHaveLength(2);
    });

    test('is refused when its token was used with different parameters', async () => {
      const request = launchRequest();
      await fleet.launch(request);
      expect(await fleet.launch({ ...request, count: 2 })).toMatchObject({
        kind: 'refused',
        code: 'IdempotentParameterMismatch',
      });
    });

    test('reports no instances when it is repeated after its instances have terminated', async () => {
      const request = launchRequest();
      const [instanceId = ''] = ids(await fleet.launch(request));
      await fleet.terminate(instanceId);
      await vi.waitFor(async () =>
        expect(await fleet.launch(request)).toEqual({ kind: 'launched', instances: [] }),
      );
      expect(await fleet.list(TAG, fleetName(request))).toHaveLength(1);
    });

    test('is refused when the launch template does not exist', async () => {
      expect(
        await fleet.launch(launchRequest({ launchTemplateId: 'lt-0123456789abcdef0' })),
      ).toMatchObject({ kind: 'refused' });
    });
  });

  test('lists no instances for a tag value that was never set', async () => {
    expect(await fleet.list(TAG, 'nobody')).toEqual([]);
  });

  describe('tags', () => {
    test('are added to existing tags and overwritten', async () => {
      const request = launchRequest();
      const [instanceId = ''] = ids(await fleet.launch(request));
      expect(await fleet.tag(instanceId, { 'labelfleet:drain': '1-a' })).toBe('tagged');
      expect(await fleet.tag(instanceId, { 'labelfleet:drain': '2-b' })).toBe('tagged');
      const [instance] = await fleet.list(TAG, fleetName(request));
      expect(instance?.tags).toMatchObject({ ...request.tags, 'labelfleet:drain': '2-b' });
    });

    test('on an unknown instance have the outcome not-found', async () => {
      expect(await fleet.tag(NO_INSTANCE, { a: 'b' })).toBe('not-found');
    });
  });

  describe('a termination', () => {
    test('ends an instance and can be repeated', async () => {
      const request = launchRequest();
      const [instanceId = ''] = ids(await fleet.launch(request));
      expect(await fleet.terminate(instanceId)).toBe('terminating');
      expect(await fleet.terminate(instanceId)).toBe('terminating');
      const [instance] = await fleet.list(TAG, fleetName(request));
      expect(['stopping', 'terminated']).toContain(instance?.state);
    });

    test('of an unknown instance has the outcome not-found', async () => {
      expect(await fleet.terminate(NO_INSTANCE)).toBe('not-found');
    });
  });
}

function ids(outcome: LaunchOutcome): string[] {
  if (outcome.kind !== 'launched') throw new Error(`${outcome.kind}: ${outcome.message}`);
  return outcome.instances.map(({ instanceId }) => instanceId);
}
