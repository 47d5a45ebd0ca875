import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * A dual-stack network of two public subnets, without NAT and without endpoints that cost something. Workers have no
 * public IPv4 address: they reach S3 by the gateway endpoint, and SQS by its dual-stack endpoint over IPv6.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;

  constructor(scope: Construct) {
    super(scope, 'Network');
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      maxAzs: 2,
      natGateways: 0,
      // It would need a Lambda function; nothing uses the default group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        {
          name: 'public',
          subnetType: ec2.SubnetType.PUBLIC,
          mapPublicIpOnLaunch: false,
          ipv6AssignAddressOnCreation: true,
        },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
  }

  /** A group that nothing reaches, and whose members reach AWS (443) and package mirrors (80). */
  securityGroup(id: string, description: string): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, id, {
      vpc: this.vpc,
      allowAllOutbound: false,
      description,
    });
    for (const port of [ec2.Port.HTTPS, ec2.Port.HTTP]) {
      group.addEgressRule(ec2.Peer.anyIpv4(), port);
      group.addEgressRule(ec2.Peer.anyIpv6(), port);
    }
    return group;
  }
}
