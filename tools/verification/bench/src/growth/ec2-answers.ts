/** What the stand-in for EC2 answers, as XML. */

const LAUNCHED_MS_AGO = 3_600_000;

const answer = (action: string, content: string) =>
  `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${content}</${action}Response>`;

export const LAUNCH_TEMPLATE = answer(
  'DescribeLaunchTemplates',
  `<launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>worker</launchTemplateName>
<latestVersionNumber>1</latestVersionNumber></item></launchTemplates>`,
);

export const LAUNCH_TEMPLATE_VERSION = answer(
  'DescribeLaunchTemplateVersions',
  `<launchTemplateVersionSet><item><launchTemplateData><imageId>ami-1</imageId><instanceType>c7g.large</instanceType>
<instanceInitiatedShutdownBehavior>terminate</instanceInitiatedShutdownBehavior><metadataOptions>
<httpEndpoint>enabled</httpEndpoint><instanceMetadataTags>enabled</instanceMetadataTags></metadataOptions>
</launchTemplateData></item></launchTemplateVersionSet>`,
);

export const instanceId = (index: number): string => `i-${String(index).padStart(17, '0')}`;

/** A page of running instances, each in a reservation of one. */
export function describeInstances(count: number, parameters: URLSearchParams): string {
  const from = Number(parameters.get('NextToken') ?? 0);
  const to = Math.min(count, from + Number(parameters.get('MaxResults') ?? 1000));
  const launchTime = new Date(Date.now() - LAUNCHED_MS_AGO).toISOString();
  const items = Array.from({ length: to - from }, (_, n) => instance(from + n, launchTime));
  const next = to < count ? `<nextToken>${to}</nextToken>` : '';
  return answer('DescribeInstances', `<reservationSet>${items.join('')}</reservationSet>${next}`);
}

/** 3.6 KB, with the fields that EC2 returns for an instance with one network interface and one volume. */
const instance = (index: number, launchTime: string) => {
  const address = `10.0.${index >> 8}.${index & 255}`;
  const host = `ip-${address.replaceAll('.', '-')}.ec2.internal`;
  const group =
    '<groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>workers</groupName></item></groupSet>';
  return `<item><reservationId>r-${index}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>
<instanceId>${instanceId(index)}</instanceId><imageId>ami-0123456789abcdef0</imageId>
<instanceState><code>16</code><name>running</name></instanceState><privateDnsName>${host}</privateDnsName><dnsName/>
<reason/><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>c7g.large</instanceType>
<launchTime>${launchTime}</launchTime><placement><availabilityZone>us-east-1a</availabilityZone><groupName/>
<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring>
<subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-0123456789abcdef0</vpcId>
<privateIpAddress>${address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>${group}
<architecture>arm64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>
<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-${index}</volumeId>
<status>attached</status><attachTime>${launchTime}</attachTime><deleteOnTermination>true</deleteOnTermination></ebs>
</item></blockDeviceMapping><virtualizationType>hvm</virtualizationType><clientToken>token-${index}</clientToken>
<tagSet><item><key>labelfleet:fleet</key><value>labelfleet</value></item><item><key>labelfleet:launch</key>
<value>token-${index >> 3}</value></item></tagSet><hypervisor>xen</hypervisor><networkInterfaceSet><item>
<networkInterfaceId>eni-${index}</networkInterfaceId><subnetId>subnet-0123456789abcdef0</subnetId>
<vpcId>vpc-0123456789abcdef0</vpcId><description/><ownerId>123456789012</ownerId><status>in-use</status>
<macAddress>0a:00:00:00:00:01</macAddress><privateIpAddress>${address}</privateIpAddress>
<privateDnsName>${host}</privateDnsName><sourceDestCheck>true</sourceDestCheck>${group}<attachment>
<attachmentId>eni-attach-${index}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status>
<attachTime>${launchTime}</attachTime><deleteOnTermination>true</deleteOnTermination></attachment>
<privateIpAddressesSet><item><privateIpAddress>${address}</privateIpAddress><primary>true</primary></item>
</privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface</interfaceType></item></networkInterfaceSet>
<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/worker</arn><id>AIPA</id></iamInstanceProfile>
<ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>2</coreCount>
<threadsPerCore>1</threadsPerCore></cpuOptions><capacityReservationSpecification>
<capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>
<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled>
</enclaveOptions><metadataOptions><state>applied</state><httpTokens>required</httpTokens>
<httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>
<instanceMetadataTags>enabled</instanceMetadataTags></metadataOptions></item></instancesSet></item>`;
};
