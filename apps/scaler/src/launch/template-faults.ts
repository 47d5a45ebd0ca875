import type { LaunchTemplateVersion } from '@labelfleet/aws/fleet';
import type { WorkerPlaces } from './launch-places.ts';

/** Tag keys that may be in instance metadata (EC2 User Guide, "View tags for your EC2 instances using metadata"). */
const METADATA_KEY = /^[0-9a-zA-Z\-_+=,.@:]{1,255}$/;

/**
 * The faults of a launch template for workers, each as a sentence that says what to set. EC2 would launch from most
 * such templates, and the fleet would fail elsewhere.
 */
export function templateFaults(
  template: LaunchTemplateVersion,
  { subnetIds, markets }: WorkerPlaces,
): string[] {
  const { shutdownBehavior, metadataEndpoint, metadataTags } = template;
  const badKeys = template.tagKeys.filter((key) => !METADATA_KEY.test(key));
  const faults: readonly (readonly [boolean, string])[] = [
    [
      template.imageId === undefined,
      'It has no ImageId: no worker can be launched. Set the image that runs the worker.',
    ],
    [
      shutdownBehavior !== 'terminate',
      `InstanceInitiatedShutdownBehavior is ${shutdownBehavior ?? 'not set, which means stop'}: a worker that ends would be kept as a stopped instance. Set it to terminate.`,
    ],
    [
      metadataEndpoint === 'disabled',
      'MetadataOptions.HttpEndpoint is disabled: a worker could read neither its credentials nor its instructions. Set it to enabled.',
    ],
    [
      metadataTags !== 'enabled',
      `MetadataOptions.InstanceMetadataTags is ${metadataTags ?? 'not set, which means disabled'}: a worker could not read its instructions, and would end after 60 s. Set it to enabled.`,
    ],
    [
      template.networkInterfaces > 0 && subnetIds !== undefined,
      'It has a NetworkInterface while WORKER_SUBNET_IDS is set: EC2 refuses a launch with both. Move the security groups to SecurityGroupIds and remove NetworkInterfaces, or unset WORKER_SUBNET_IDS.',
    ],
    [
      template.instanceRequirements,
      'It has InstanceRequirements, which RunInstances does not take. Set InstanceType, or WORKER_INSTANCE_TYPES.',
    ],
    [
      template.market !== undefined && markets.includes('on-demand'),
      `InstanceMarketOptions.MarketType is ${template.market}, so that every worker would be of that market. Remove InstanceMarketOptions: WORKER_MARKET says where to launch.`,
    ],
    [
      template.terminationProtection,
      'DisableApiTermination is true: the scaler could terminate no worker. Set it to false.',
    ],
    [
      badKeys.length > 0,
      `It has the tag keys ${badKeys.map((key) => `"${key}"`).join(', ')}, which instance metadata cannot show: EC2 refuses every launch. Use only letters, digits and + - = . , _ : @ in them.`,
    ],
  ];
  return faults.filter(([is]) => is).map(([, fault]) => fault);
}
