import {
  Duration,
  Stack,
  Tags,
  aws_autoscaling as autoscaling,
  aws_ec2 as ec2,
  type aws_iam as iam,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { archOf } from '../settings.ts';
import { bootFrom, commonSettings, disk, type PackFile } from './instance.ts';

export interface HostProps {
  app: 'gateway' | 'scaler';
  instanceType: string;
  vpc: ec2.IVpc;
  securityGroup: ec2.ISecurityGroup;
  role: iam.Role;
  pack: PackFile;
  environment: Readonly<Record<string, string>>;
  /** Its machines have it as a tag, by which they are found. */
  fleet: string;
}

/**
 * The machine of a gateway or scaler: a group of one, so that a lost machine is replaced. An upgrade starts the new
 * machine, waits until it reports that it is ready, and ends the old one.
 */
export class Host extends Construct {
  readonly group: autoscaling.AutoScalingGroup;

  constructor(scope: Construct, id: string, props: HostProps) {
    super(scope, id);
    const { app, vpc, securityGroup, role, pack } = props;
    const stack = Stack.of(this);
    const logicalId = `${id}Group`;
    const template = new ec2.LaunchTemplate(this, 'Template', {
      ...commonSettings(archOf(props.instanceType)),
      instanceType: new ec2.InstanceType(props.instanceType),
      securityGroup,
      role,
      associatePublicIpAddress: true,
      blockDevices: disk(true),
      userData: bootFrom(this, app, {
        pack,
        role,
        environment: {
          ...props.environment,
          STACK_NAME: stack.stackName,
          GROUP_LOGICAL_ID: logicalId,
        },
      }),
    });
    const timeout = Duration.minutes(10);
    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      launchTemplate: template,
      minCapacity: 1,
      desiredCapacity: 1,
      // Two during an upgrade.
      maxCapacity: 2,
      signals: autoscaling.Signals.waitForMinCapacity({ timeout }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: 1,
        waitOnResourceSignals: true,
        pauseTime: timeout,
      }),
    });
    (this.group.node.defaultChild as autoscaling.CfnAutoScalingGroup).overrideLogicalId(logicalId);
    // Not `labelfleet:fleet`, which the scaler would take for a worker's.
    Tags.of(this.group).add(`labelfleet:${app}`, props.fleet);
    // A machine that boots before its role has rights would have to start its app again.
    this.group.node.addDependency(role);
  }
}
