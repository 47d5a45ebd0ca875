import { STATE_CODES, type Instance, type InstanceState } from '../instances/instance.ts';
import { VPC_ID } from '../places.ts';
import { items, tagItems } from './xml-items.ts';

const OWNER = '000000000000';

export const stateXml = (state: InstanceState) => ({ code: STATE_CODES[state], name: state });

/** One instance as RunInstances and DescribeInstances show it. */
function instanceXml(instance: Instance): object {
  const { spec } = instance;
  return {
    instanceId: instance.id,
    imageId: spec.imageId,
    instanceState: stateXml(instance.state),
    privateIpAddress: instance.privateIp,
    reason: instance.stateReason?.message ?? '',
    amiLaunchIndex: instance.launchIndex,
    instanceType: spec.instanceType,
    launchTime: new Date(instance.launchedAtMs).toISOString(),
    placement: { availabilityZone: instance.zone, tenancy: 'default' },
    monitoring: { state: 'disabled' },
    subnetId: instance.subnetId,
    vpcId: VPC_ID,
    ...(instance.stateReason === undefined ? {} : { stateReason: instance.stateReason }),
    ...(spec.market === 'spot' ? { instanceLifecycle: 'spot' } : {}),
    ...(instance.clientToken === undefined ? {} : { clientToken: instance.clientToken }),
    ...(spec.profile === undefined
      ? {}
      : { iamInstanceProfile: { arn: `arn:aws:iam::${OWNER}:instance-profile/${spec.profile}` } }),
    metadataOptions: {
      state: 'applied',
      httpTokens: 'required',
      httpEndpoint: 'enabled',
      instanceMetadataTags: spec.metadataTags ? 'enabled' : 'disabled',
    },
    tagSet: tagItems(instance.tags),
  };
}

/** Instances of one launch. */
export function reservationXml(instances: readonly Instance[]): object {
  return {
    reservationId: instances[0]?.reservationId,
    ownerId: OWNER,
    groupSet: items([]),
    instancesSet: items(instances.map(instanceXml)),
  };
}
