import type { TemplateData } from '../launches/template-data.ts';
import { items } from './xml-items.ts';

/** The parameters of a launch template's version as DescribeLaunchTemplateVersions shows them. */
export function templateDataXml(data: TemplateData): object {
  const { IamInstanceProfile: profile, MetadataOptions: metadata } = data;
  return withoutUndefined({
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    keyName: data.KeyName,
    userData: data.UserData,
    iamInstanceProfile: profile && withoutUndefined({ name: profile.Name, arn: profile.Arn }),
    instanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    instanceMarketOptions: data.InstanceMarketOptions && marketXml(data.InstanceMarketOptions),
    disableApiTermination: data.DisableApiTermination,
    ebsOptimized: data.EbsOptimized,
    monitoring: data.Monitoring && { enabled: data.Monitoring.Enabled },
    securityGroupIdSet: data.SecurityGroupId && items(data.SecurityGroupId),
    blockDeviceMappingSet: data.BlockDeviceMapping && items(data.BlockDeviceMapping.map(diskXml)),
    networkInterfaceSet: data.NetworkInterface && items(data.NetworkInterface.map(interfaceXml)),
    metadataOptions:
      metadata &&
      withoutUndefined({
        httpEndpoint: metadata.HttpEndpoint,
        httpTokens: metadata.HttpTokens,
        httpPutResponseHopLimit: metadata.HttpPutResponseHopLimit,
        httpProtocolIpv6: metadata.HttpProtocolIpv6,
        instanceMetadataTags: metadata.InstanceMetadataTags,
      }),
    tagSpecificationSet: items(
      data.TagSpecification.map(({ ResourceType, Tag }) => ({
        resourceType: ResourceType,
        tagSet: items(Tag.map(({ Key, Value }) => ({ key: Key, value: Value }))),
      })),
    ),
  });
}

const marketXml = ({
  MarketType,
  SpotOptions: spot,
}: NonNullable<TemplateData['InstanceMarketOptions']>) =>
  withoutUndefined({
    marketType: MarketType,
    spotOptions:
      spot &&
      withoutUndefined({
        spotInstanceType: spot.SpotInstanceType,
        instanceInterruptionBehavior: spot.InstanceInterruptionBehavior,
        maxPrice: spot.MaxPrice,
      }),
  });

const diskXml = ({ DeviceName, Ebs }: NonNullable<TemplateData['BlockDeviceMapping']>[number]) => ({
  deviceName: DeviceName,
  ebs: withoutUndefined({
    volumeSize: Ebs.VolumeSize,
    volumeType: Ebs.VolumeType,
    encrypted: Ebs.Encrypted,
    deleteOnTermination: Ebs.DeleteOnTermination,
  }),
});

/** Of an interface only that there is one. */
const interfaceXml = (_: unknown, deviceIndex: number) => ({ deviceIndex });

function withoutUndefined(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
