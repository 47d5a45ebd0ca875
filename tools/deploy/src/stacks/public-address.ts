import type { aws_autoscaling as autoscaling } from 'aws-cdk-lib';
import {
  CfnOutput,
  Duration,
  Stack,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elb,
  aws_iam as iam,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** nginx waits as long for the gateway. */
const LONGEST_WAIT = Duration.seconds(315);

export interface PublicAddressProps {
  vpc: ec2.IVpc;
  /** The group of the gateway's host. */
  securityGroup: ec2.SecurityGroup;
  allowFrom: string;
}

/** Where callers reach the gateway. */
export interface PublicAddress {
  /** Variables of the gateway's host. */
  environment: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  attach(group: autoscaling.AutoScalingGroup): void;
}

/** An address that each new host takes over once it is ready. */
export function elasticAddress(
  scope: Construct,
  role: iam.Role,
  { securityGroup, allowFrom, fleet }: PublicAddressProps & { fleet: string },
): PublicAddress {
  const stack = Stack.of(scope);
  securityGroup.addIngressRule(ec2.Peer.ipv4(allowFrom), ec2.Port.HTTP);
  const address = new ec2.CfnEIP(scope, 'Address', { domain: 'vpc' });
  const arn = (resource: string) => stack.formatArn({ service: 'ec2', resource });
  const tags = { 'labelfleet:gateway': fleet };
  const associate = (sid: string, resource: string, conditions = {}) =>
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid,
        actions: ['ec2:AssociateAddress'],
        resources: [arn(resource)],
        conditions,
      }),
    );
  associate('TakeAddress', `elastic-ip/${address.attrAllocationId}`);
  associate('TakeAddressHere', 'instance/*', {
    StringEquals: { 'aws:ResourceTag/labelfleet:gateway': fleet },
  });
  associate('TakeAddressByInterface', 'network-interface/*');
  new CfnOutput(scope, 'Url', { value: `http://${address.attrPublicIp}/` });
  return {
    environment: { ADDRESS_ALLOCATION_ID: address.attrAllocationId },
    tags,
    attach: () => undefined,
  };
}

/** A load balancer with a certificate, which costs 16 to 22 USD a month. */
export function loadBalancer(
  scope: Construct,
  {
    vpc,
    securityGroup,
    allowFrom,
    certificateArn,
  }: PublicAddressProps & { certificateArn: string },
): PublicAddress {
  const front = new ec2.SecurityGroup(scope, 'BalancerGroup', {
    vpc,
    allowAllOutbound: false,
    description: 'load balancer before the gateway',
  });
  front.addIngressRule(ec2.Peer.ipv4(allowFrom), ec2.Port.HTTPS);
  front.addEgressRule(securityGroup, ec2.Port.HTTP);
  securityGroup.addIngressRule(front, ec2.Port.HTTP);
  const balancer = new elb.ApplicationLoadBalancer(scope, 'Balancer', {
    vpc,
    internetFacing: true,
    securityGroup: front,
    idleTimeout: LONGEST_WAIT,
    dropInvalidHeaderFields: true,
  });
  const listener = balancer.addListener('Https', {
    port: 443,
    open: false,
    certificates: [{ certificateArn }],
    sslPolicy: elb.SslPolicy.RECOMMENDED_TLS,
  });
  new CfnOutput(scope, 'Url', { value: `https://${balancer.loadBalancerDnsName}/` });
  return {
    environment: {},
    tags: {},
    attach: (group) => {
      listener.addTargets('Gateway', {
        targets: [group],
        port: 80,
        protocol: elb.ApplicationProtocol.HTTP,
        // Callers who wait get their results before the old host ends.
        deregistrationDelay: LONGEST_WAIT,
        healthCheck: { path: '/healthz', interval: Duration.seconds(15) },
      });
    },
  };
}
