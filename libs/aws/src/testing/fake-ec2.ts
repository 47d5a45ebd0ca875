import { isDeepStrictEqual } from 'node:util';
import { AwsCallError } from '../errors.ts';
import type { Ec2Connection } from '../fleet/connect-ec2.ts';
import type {
  Fleet,
  FleetInstance,
  LaunchOutcome,
  LaunchRequest,
  LaunchTemplateVersion,
} from '../fleet/fleet.ts';
import { noHook, type CallHook } from './call-hook.ts';

export interface FakeEc2 extends Ec2Connection {
  /** Creates a launch template, or another version of an existing one; returns its id. */
  createLaunchTemplate(name: string, version?: Partial<LaunchTemplateVersion>): string;
  /** All instances, terminated ones included, in launch order. */
  instances(): readonly FleetInstance[];
  /** Sets the state of an instance. Otherwise states change only to `stopping`, on termination. */
  setState(
    instanceId: string,
    state: FleetInstance['state'],
    stateReason?: FleetInstance['stateReason'],
  ): void;
  /** Queues an outcome for the next launch with a new client token. */
  failNextLaunch(outcome: Exclude<LaunchOutcome, { kind: 'launched' }>): void;
}

/** EC2 in memory. Instances do not boot or end by themselves: the test calls `setState`. */
export function fakeEc2(options: { beforeCall?: CallHook } = {}): FakeEc2 {
  const { beforeCall = noHook } = options;
  const templates = new Map<string, { name: string; versions: LaunchTemplateVersion[] }>();
  const instances = new Map<string, FleetInstance>();
  const launches = new Map<string, { request: LaunchRequest; instanceIds: string[] }>();
  const failures: LaunchOutcome[] = [];

  const isAlive = (id: string) => {
    const state = instances.get(id)?.state;
    return state === 'launching' || state === 'running';
  };
  const copyOf = (instance: FleetInstance) => ({ ...instance, tags: { ...instance.tags } });

  function launchNew(request: LaunchRequest): LaunchOutcome {
    const instanceIds = Array.from({ length: request.count }, () => {
      const instanceId = `i-${String(instances.size + 1).padStart(17, '0')}`;
      instances.set(instanceId, {
        instanceId,
        state: 'launching',
        launchedAt: new Date(),
        instanceType: request.instanceType ?? 'fake.large',
        market: request.market,
        subnetId: request.subnetId,
        tags: { ...request.tags },
        template: { id: request.launchTemplateId, version: request.launchTemplateVersion },
      });
      return instanceId;
    });
    launches.set(request.clientToken, { request, instanceIds });
    return launched(instanceIds);
  }

  const launched = (instanceIds: string[]): LaunchOutcome => ({
    kind: 'launched',
    instances: instanceIds.flatMap((id) => instances.get(id) ?? []).map(copyOf),
  });

  const fleet: Fleet = {
    async resolveLaunchTemplate(nameOrId) {
      await beforeCall('DescribeLaunchTemplates', nameOrId);
      for (const [id, { name, versions }] of templates)
        if (nameOrId === id || nameOrId === name) return { id, version: String(versions.length) };
      throw new AwsCallError('DescribeLaunchTemplates', {
        code: 'InvalidLaunchTemplateName.NotFoundException',
        message: `no launch template ${nameOrId}`,
        statusCode: 400,
      });
    },

    async describeLaunchTemplate({ id, version }) {
      await beforeCall('DescribeLaunchTemplateVersions', id);
      const found = templates.get(id)?.versions[Number(version) - 1];
      if (found !== undefined) return found;
      throw new AwsCallError('DescribeLaunchTemplateVersions', {
        code: 'InvalidLaunchTemplateId.VersionNotFound',
        message: `no version ${version} of ${id}`,
        statusCode: 400,
      });
    },

    async launch(request) {
      await beforeCall('RunInstances', request.clientToken);
      const earlier = launches.get(request.clientToken);
      if (earlier !== undefined) {
        if (!isDeepStrictEqual(earlier.request, request))
          return refused(
            'IdempotentParameterMismatch',
            'the token was used with different parameters',
          );
        return launched(earlier.instanceIds.some(isAlive) ? earlier.instanceIds : []);
      }
      if (!templates.has(request.launchTemplateId))
        return refused('InvalidLaunchTemplateId.NotFound', request.launchTemplateId);
      return failures.shift() ?? launchNew(request);
    },

    async list(tagKey, tagValue) {
      await beforeCall('DescribeInstances', tagKey);
      return [...instances.values()].filter(({ tags }) => tags[tagKey] === tagValue).map(copyOf);
    },

    async tag(instanceId, tags) {
      await beforeCall('CreateTags', instanceId);
      const instance = instances.get(instanceId);
      if (instance === undefined) return 'not-found';
      instance.tags = { ...instance.tags, ...tags };
      return 'tagged';
    },

    async terminate(instanceId) {
      await beforeCall('TerminateInstances', instanceId);
      const instance = instances.get(instanceId);
      if (instance === undefined) return 'not-found';
      if (instance.state !== 'terminated') instance.state = 'stopping';
      return 'terminating';
    },
  };

  return {
    fleet,
    close: () => undefined,
    createLaunchTemplate(name, version = {}) {
      const [known] = [...templates].filter(([, template]) => template.name === name);
      const id = known?.[0] ?? `lt-${String(templates.size + 1).padStart(17, '0')}`;
      const versions = [...(known?.[1].versions ?? []), { ...VALID_TEMPLATE, ...version }];
      templates.set(id, { name, versions });
      return id;
    },
    instances: () => [...instances.values()].map(copyOf),
    setState(instanceId, state, stateReason) {
      const instance = instances.get(instanceId);
      if (instance === undefined) throw new Error(`There is no instance ${instanceId}.`);
      instance.state = state;
      if (stateReason !== undefined) instance.stateReason = stateReason;
    },
    failNextLaunch: (outcome) => void failures.push(outcome),
  };
}

const VALID_TEMPLATE: LaunchTemplateVersion = {
  imageId: 'ami-fake',
  instanceType: 'fake.large',
  instanceRequirements: false,
  market: undefined,
  shutdownBehavior: 'terminate',
  metadataEndpoint: 'enabled',
  metadataTags: 'enabled',
  networkInterfaces: 0,
  terminationProtection: false,
  tagKeys: [],
};

const refused = (code: string, message: string): LaunchOutcome => ({
  kind: 'refused',
  code,
  message,
});
