import {
  CreateTagsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type EC2Client,
  type Instance,
  type RunInstancesCommandInput,
  type _InstanceType,
  type InstanceStateName,
  type ResponseLaunchTemplateData,
  type Tag,
} from '@aws-sdk/client-ec2';
import { callAws, hasCode, INSTANCE_MISSING_CODES, required, THROTTLING_CODES } from '../errors.ts';
import type {
  Fleet,
  FleetInstance,
  LaunchOutcome,
  LaunchRequest,
  LaunchTemplateVersion,
} from './fleet.ts';
import { launchFailure } from './launch-failure.ts';

/** Implements Fleet with EC2. */
export class Ec2Fleet implements Fleet {
  readonly #writes: EC2Client;
  readonly #reads: EC2Client;

  /**
   * @param clients `writes` for calls that change something, without retries: the scaler decides about the next
   * try (F1); `reads` for the others, with retries
   */
  constructor(clients: { writes: EC2Client; reads: EC2Client }) {
    this.#writes = clients.writes;
    this.#reads = clients.reads;
  }

  async resolveLaunchTemplate(nameOrId: string): Promise<{ id: string; version: string }> {
    const operation = 'DescribeLaunchTemplates';
    const { LaunchTemplates = [] } = await callAws(operation, () =>
      this.#reads.send(
        new DescribeLaunchTemplatesCommand(
          nameOrId.startsWith('lt-')
            ? { LaunchTemplateIds: [nameOrId] }
            : { LaunchTemplateNames: [nameOrId] },
        ),
      ),
    );
    const [template] = LaunchTemplates;
    return {
      id: required(operation, 'LaunchTemplateId', template?.LaunchTemplateId),
      version: String(required(operation, 'LatestVersionNumber', template?.LatestVersionNumber)),
    };
  }

  async describeLaunchTemplate({
    id,
    version,
  }: {
    id: string;
    version: string;
  }): Promise<LaunchTemplateVersion> {
    const operation = 'DescribeLaunchTemplateVersions';
    const { LaunchTemplateVersions = [] } = await callAws(operation, () =>
      this.#reads.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
      ),
    );
    const data = LaunchTemplateVersions[0]?.LaunchTemplateData;
    return toTemplateVersion(required(operation, 'LaunchTemplateData', data));
  }

  async launch(request: LaunchRequest): Promise<LaunchOutcome> {
    const operation = 'RunInstances';
    try {
      const { Instances = [] } = await callAws(operation, () =>
        this.#writes.send(new RunInstancesCommand(toRunInstances(request))),
      );
      const instances = Instances.map((instance) => toFleetInstance(operation, instance));
      return { kind: 'launched', instances };
    } catch (error) {
      const outcome = launchFailure(error);
      if (outcome !== undefined) return outcome;
      throw error;
    }
  }

  async list(tagKey: string, tagValue: string): Promise<FleetInstance[]> {
    const operation = 'DescribeInstances';
    return callAws(operation, async () => {
      const instances: FleetInstance[] = [];
      const pages = paginateDescribeInstances(
        { client: this.#reads, pageSize: 1000 },
        { Filters: [{ Name: `tag:${tagKey}`, Values: [tagValue] }] },
      );
      for await (const { Reservations = [] } of pages)
        for (const { Instances = [] } of Reservations)
          instances.push(...Instances.map((instance) => toFleetInstance(operation, instance)));
      return instances;
    });
  }

  tag(
    instanceId: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<'tagged' | 'not-found' | 'throttled'> {
    return onInstance('CreateTags', 'tagged', () =>
      this.#writes.send(new CreateTagsCommand({ Resources: [instanceId], Tags: toTags(tags) })),
    );
  }

  terminate(instanceId: string): Promise<'terminating' | 'not-found' | 'throttled'> {
    return onInstance('TerminateInstances', 'terminating', () =>
      this.#writes.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] })),
    );
  }
}

async function onInstance<Done extends string>(
  operation: string,
  done: Done,
  call: () => Promise<unknown>,
): Promise<Done | 'not-found' | 'throttled'> {
  try {
    await callAws(operation, call);
    return done;
  } catch (error) {
    if (hasCode(error, INSTANCE_MISSING_CODES)) return 'not-found';
    if (hasCode(error, THROTTLING_CODES)) return 'throttled';
    throw error;
  }
}

function toRunInstances(request: LaunchRequest): RunInstancesCommandInput {
  const Tags = toTags(request.tags);
  return {
    ClientToken: request.clientToken,
    MinCount: 1,
    MaxCount: request.count,
    LaunchTemplate: {
      LaunchTemplateId: request.launchTemplateId,
      Version: request.launchTemplateVersion,
    },
    // The SDK's type lists the instance types of its release; EC2 accepts newer ones.
    ...(request.instanceType === undefined
      ? {}
      : { InstanceType: request.instanceType as _InstanceType }),
    ...(request.subnetId === undefined ? {} : { SubnetId: request.subnetId }),
    ...(request.market === 'spot'
      ? { InstanceMarketOptions: { MarketType: 'spot', SpotOptions: ONE_TIME_SPOT } }
      : {}),
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
    ],
  };
}

const ONE_TIME_SPOT = {
  SpotInstanceType: 'one-time',
  InstanceInterruptionBehavior: 'terminate',
} as const;

const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const STATES: Record<InstanceStateName, FleetInstance['state']> = {
  pending: 'launching',
  running: 'running',
  'shutting-down': 'stopping',
  stopping: 'stopping',
  stopped: 'stopped',
  terminated: 'terminated',
};

function toTemplateVersion(data: ResponseLaunchTemplateData): LaunchTemplateVersion {
  const { MetadataOptions: metadata, TagSpecifications: tags = [] } = data;
  return {
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    instanceRequirements: data.InstanceRequirements !== undefined,
    market: data.InstanceMarketOptions?.MarketType,
    shutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    metadataEndpoint: metadata?.HttpEndpoint,
    metadataTags: metadata?.InstanceMetadataTags,
    networkInterfaces: data.NetworkInterfaces?.length ?? 0,
    terminationProtection: data.DisableApiTermination === true,
    tagKeys: tags
      .filter(({ ResourceType }) => ResourceType === 'instance')
      .flatMap(({ Tags = [] }) => Tags.map(({ Key = '' }) => Key)),
  };
}

function toFleetInstance(operation: string, instance: Instance): FleetInstance {
  const field = <T>(name: string, value: T | undefined) => required(operation, name, value);
  const tags = Object.fromEntries(
    (instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const),
  );
  return {
    instanceId: field('InstanceId', instance.InstanceId),
    state: STATES[field('State', instance.State?.Name)],
    launchedAt: field('LaunchTime', instance.LaunchTime),
    instanceType: field('InstanceType', instance.InstanceType),
    // EC2 omits InstanceLifecycle for on-demand instances.
    market: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    subnetId: instance.SubnetId,
    ...toStateReason(instance),
    ...toTemplate(tags),
    tags,
  };
}

/** EC2 tags every instance with the template that it was launched from (EC2 User Guide, "Launch templates"). */
function toTemplate(tags: Readonly<Record<string, string>>): Pick<FleetInstance, 'template'> {
  const id = tags['aws:ec2launchtemplate:id'];
  const version = tags['aws:ec2launchtemplate:version'];
  return id === undefined || version === undefined ? {} : { template: { id, version } };
}

/** EC2 also sets a state reason on launching and running instances; only the reason for an end is of use. */
function toStateReason({ State, StateReason }: Instance): Pick<FleetInstance, 'stateReason'> {
  if (StateReason?.Code === undefined || State?.Name === 'pending' || State?.Name === 'running')
    return {};
  const { Code: code, Message: message = '' } = StateReason;
  return { stateReason: { code, message } };
}
