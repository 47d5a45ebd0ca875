import type { aws_autoscaling as autoscaling } from 'aws-cdk-lib';
import {
  CfnOutput,
  Duration,
  Stack,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elb,
  aws_iam as iam,
  type aws_s3 as s3,
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
  attach(group: autoscaling.AutoScalingGroup): void;
}

/**
 * An address that each new host takes over once it is ready. With a domain, the host has a certificate of Let's
 * Encrypt, which asks port 80 from addresses that it does not publish; that port redirects all others.
 */
export function elasticAddress(
  scope: Construct,
  role: iam.Role,
  {
    securityGroup,
    allowFrom,
    fleet,
    domain,
    stateBucket,
  }: PublicAddressProps & {
    fleet: string;
    domain: string | undefined;
    stateBucket: s3.IBucket;
  },
): PublicAddress {
  const stack = Stack.of(scope);
  const callers = ec2.Peer.ipv4(allowFrom);
  securityGroup.addIngressRule(domain === undefined ? callers : ec2.Peer.anyIpv4(), ec2.Port.HTTP);
  if (domain !== undefined) securityGroup.addIngressRule(callers, ec2.Port.HTTPS);
  const address = new ec2.CfnEIP(scope, 'Address', { domain: 'vpc' });
  const arn = (resource: string) => stack.formatArn({ service: 'ec2', resource });
  const allow = (sid: string, actions: string[], resource: string, conditions = {}) =>
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({ sid, actions, resources: [resource], conditions }),
    );
  const associate = ['ec2:AssociateAddress'];
  allow('TakeAddress', associate, arn(`elastic-ip/${address.attrAllocationId}`));
  // The tag of the gateway's machines.
  allow('TakeAddressHere', associate, arn('instance/*'), {
    StringEquals: { 'aws:ResourceTag/labelfleet:gateway': fleet },
  });
  allow('TakeAddressByInterface', associate, arn('network-interface/*'));
  if (domain !== undefined) {
    const kept = stateBucket.arnForObjects(`tls/${domain}/*`);
    allow('KeepCertificate', ['s3:GetObject', 's3:PutObject'], kept);
  }
  const url = domain === undefined ? `http://${address.attrPublicIp}` : `https://${domain}`;
  new CfnOutput(scope, 'Url', { value: `${url}/` });
  new CfnOutput(scope, 'PublicAddress', { value: address.attrPublicIp });
  return {
    environment: {
      PUBLIC_URL: url,
      ADDRESS_ALLOCATION_ID: address.attrAllocationId,
      ...(domain !== undefined && { DOMAIN: domain, ADDRESS: address.attrPublicIp }),
    },
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
    domain,
    certificateArn,
  }: PublicAddressProps & { domain: string; certificateArn: string },
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
  new CfnOutput(scope, 'Url', { value: `https://${domain}/` });
  new CfnOutput(scope, 'PublicAddress', { value: balancer.loadBalancerDnsName });
  return {
    environment: { PUBLIC_URL: `https://${domain}` },
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
