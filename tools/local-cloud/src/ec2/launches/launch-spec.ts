import { ApiError, notServed } from '../../api-error.ts';
import { missingParameter } from '../../parse-input.ts';
import type { LaunchSpec } from '../instances/instance.ts';
import type { TemplateVersion } from './launch-templates.ts';
import type { TemplateData } from './template-data.ts';

/** Merges a launch's parameters with its template's. The launch's parameters override the template's. */
export function launchSpec(
  own: Omit<TemplateData, 'DisableApiTermination' | 'NetworkInterface'> & {
    SubnetId?: string | undefined;
  },
  from: { id: string; version: TemplateVersion } | undefined,
): LaunchSpec {
  const template = from?.version.data;
  const imageId = own.ImageId ?? template?.ImageId;
  if (imageId === undefined) throw missingParameter('ImageId');
  const metadata = { ...template?.MetadataOptions, ...defined(own.MetadataOptions) };
  if (metadata.HttpEndpoint === 'disabled')
    throw notServed('An instance without metadata (HttpEndpoint=disabled)');
  if (template?.DisableApiTermination === 'true') throw notServed('DisableApiTermination');
  if (template?.NetworkInterface !== undefined) {
    if (own.SubnetId === undefined) throw notServed('NetworkInterface');
    throw new ApiError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  }
  const market = own.InstanceMarketOptions ?? template?.InstanceMarketOptions;
  const tags = {
    ...tagsOf(template?.TagSpecification ?? [], 'instance'),
    ...tagsOf(own.TagSpecification, 'instance'),
    ...(from && {
      'aws:ec2launchtemplate:id': from.id,
      'aws:ec2launchtemplate:version': String(from.version.number),
    }),
  };
  const metadataTags = metadata.InstanceMetadataTags === 'enabled';
  const badKey = Object.keys(tags).find((key) => metadataTags && !METADATA_KEY.test(key));
  if (badKey !== undefined) {
    throw new ApiError(
      'InvalidParameterValue',
      `'${badKey}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}) when instance metadata tags are enabled.`,
    );
  }
  return {
    imageId,
    instanceType: own.InstanceType ?? template?.InstanceType ?? 'm1.small',
    subnetId: own.SubnetId,
    userData: own.UserData ?? template?.UserData,
    profile: profileName(own.IamInstanceProfile ?? template?.IamInstanceProfile),
    market: market?.MarketType ?? 'on-demand',
    shutdownBehavior:
      own.InstanceInitiatedShutdownBehavior ??
      template?.InstanceInitiatedShutdownBehavior ??
      'stop',
    metadataTags,
    tags,
  };
}

/** docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html */
const METADATA_KEY = /^[0-9a-zA-Z\-_+=,.@:]{1,255}$/;

export function tagsOf(
  specifications: TemplateData['TagSpecification'],
  resourceType: string,
): Record<string, string> {
  return Object.fromEntries(
    specifications
      .filter(({ ResourceType }) => ResourceType === resourceType)
      .flatMap(({ Tag }) => Tag.map(({ Key, Value }) => [Key, Value] as const)),
  );
}

function profileName(profile: TemplateData['IamInstanceProfile']): string | undefined {
  return profile?.Name ?? profile?.Arn?.split('/').at(-1);
}

function defined<T extends object>(values: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
