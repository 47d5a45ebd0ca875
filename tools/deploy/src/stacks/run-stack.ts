import { CfnOutput, Fn, Stack, aws_ec2 as ec2, aws_iam as iam, type App } from 'aws-cdk-lib';
import { POLICIES, ROLES, type Names, type Role } from '../rights/policies.ts';
import { archOf, type BucketPart, type Settings } from '../settings.ts';
import { ACCESS_OBJECTS } from '../variables.ts';
import { runStack } from '../verbs/names.ts';
import { Alarms } from './alarms.ts';
import type { DataStack } from './data-stack.ts';
import { Host } from './host.ts';
import { bootFrom, commonSettings, disk, type Packs } from './instance.ts';
import { logGroup } from './logs.ts';
import { openMetrics } from './metrics.ts';
import { Network } from './network.ts';
import { elasticAddress, loadBalancer } from './public-address.ts';

/** What runs: network, roles, hosts of gateway and scaler, the workers' template, alarms. Nothing here is data. */
export class RunStack extends Stack {
  constructor(app: App, data: DataStack, settings: Settings, packs: Packs) {
    const { fleet } = settings;
    super(app, runStack(fleet));
    const network = new Network(this);
    const { vpc } = network;
    const workerGroup = network.securityGroup('Workers', 'workers, which nothing reaches');
    const scalerGroup = network.securityGroup('Scaler', 'the scaler, which nothing reaches');
    const gatewayGroup = network.securityGroup('Gateway', 'nginx and the gateway');

    const roles = Object.fromEntries(ROLES.map((name) => [name, this.#role(name)])) as Record<
      Role,
      iam.Role
    >;
    const logsOf = (role: Role) =>
      settings.logs ? logGroup(this, `/${fleet}/${role}`, roles[role]) : {};
    const profile = new iam.InstanceProfile(this, 'WorkerProfile', { role: roles.worker });
    const {
      DEAD_LETTER_QUEUE_URL,
      WEBHOOK_DEAD_LETTER_QUEUE_URL,
      BATCH_DEAD_LETTER_QUEUE_URL,
      ...ofAll
    } = data.variables;
    const stored = (key: string) => `s3://${data.variables.STATE_BUCKET}/${key}`;
    const groups = { gateway: gatewayGroup, worker: workerGroup, scaler: scalerGroup };
    const shared = {
      AWS_REGION: this.region,
      ...ofAll,
      ...openMetrics(groups, settings.metricsFrom),
    };
    const replyQueues = { REPLY_QUEUE_PREFIX: `${fleet}-replies-` };

    const [firstType = ''] = settings.workerTypes;
    // It has no network interface: the scaler names the subnet at launch, and EC2 takes only one of both.
    const template = new ec2.LaunchTemplate(this, 'WorkerTemplate', {
      ...commonSettings(archOf(firstType)),
      instanceType: new ec2.InstanceType(firstType),
      securityGroup: workerGroup,
      instanceProfile: profile,
      instanceMetadataTags: true,
      instanceInitiatedShutdownBehavior: ec2.InstanceInitiatedShutdownBehavior.TERMINATE,
      blockDevices: disk(false),
      userData: bootFrom(this, 'worker', {
        pack: packs.worker,
        role: roles.worker,
        environment: { ...shared, ...logsOf('worker') },
      }),
    });
    const templateId = template.launchTemplateId ?? '';
    const subnets = vpc.publicSubnets.map(({ subnetId }) => subnetId);
    if (settings.workerPublicIpv4) this.#givePublicIpv4(vpc);

    this.#grant(roles, {
      fleet,
      requestQueue: data.requestQueue.queueArn,
      deadLetterQueue: data.deadLetterQueue.queueArn,
      fleetEventQueue: data.fleetEventQueue.queueArn,
      webhookQueue: data.webhookQueue.queueArn,
      webhookDeadLetterQueue: data.webhookDeadLetterQueue.queueArn,
      batchQueue: data.batchQueue.queueArn,
      batchDeadLetterQueue: data.batchDeadLetterQueue.queueArn,
      replyQueues: this.formatArn({ service: 'sqs', resource: `${fleet}-replies-*` }),
      inputBucket: data.inputBucket.bucketArn,
      outputBucket: data.outputBucket.bucketArn,
      stateBucket: data.stateBucket.bucketArn,
      jobSources: settings.jobSources.map((part) => this.#objects(part)),
      jobDestinations: settings.jobDestinations.map((part) => this.#objects(part)),
      launchTemplate: this.#ec2(`launch-template/${templateId}`),
      workerRole: roles.worker.roleArn,
      workerProfile: profile.instanceProfileArn,
      workerSecurityGroup: this.#ec2(`security-group/${workerGroup.securityGroupId}`),
      subnets,
      instanceTypes: settings.workerTypes,
      spot: settings.workerMarkets.includes('spot'),
      ec2: (resource) => this.#ec2(resource),
      images: this.formatArn({ service: 'ec2', account: '', resource: 'image/*' }),
    });

    const { allowFrom, domain, certificateArn } = settings;
    const address = { vpc, securityGroup: gatewayGroup, allowFrom };
    const front =
      certificateArn === undefined || domain === undefined
        ? elasticAddress(this, roles.gateway, {
            ...address,
            ...{ fleet, domain, stateBucket: data.stateBucket },
          })
        : loadBalancer(this, { ...address, domain, certificateArn });
    const gateway = new Host(this, 'GatewayHost', {
      app: 'gateway',
      instanceType: settings.gatewayType,
      vpc,
      securityGroup: gatewayGroup,
      role: roles.gateway,
      pack: packs.gateway,
      environment: {
        ...shared,
        ...replyQueues,
        ...front.environment,
        ...logsOf('gateway'),
        WEBHOOK_DEAD_LETTER_QUEUE_URL,
        JOB_SOURCES: listed([
          { bucket: data.variables.INPUT_BUCKET, prefix: 'uploads/' },
          ...settings.jobSources,
        ]),
        JOB_DESTINATIONS: listed([
          { bucket: data.variables.OUTPUT_BUCKET, prefix: 'jobs/' },
          ...settings.jobDestinations,
        ]),
        API_KEYS_FILE: stored(ACCESS_OBJECTS.apiKeys),
        WEBHOOKS_FILE: stored(ACCESS_OBJECTS.receivers),
        // Until there are keys, --allow-from says who may call.
        ALLOW_ANONYMOUS: 'true',
        // nginx, on the same machine.
        TRUSTED_PROXIES: '127.0.0.1',
      },
      fleet,
    });
    front.attach(gateway.group);
    const scaler = new Host(this, 'ScalerHost', {
      app: 'scaler',
      instanceType: settings.scalerType,
      vpc,
      securityGroup: scalerGroup,
      role: roles.scaler,
      pack: packs.scaler,
      fleet,
      environment: {
        ...shared,
        ...replyQueues,
        ...logsOf('scaler'),
        DEAD_LETTER_QUEUE_URL,
        BATCH_DEAD_LETTER_QUEUE_URL,
        FLEET_NAME: fleet,
        MIN_WORKERS: String(settings.minWorkers),
        MAX_WORKERS: String(settings.maxWorkers),
        WORKER_LAUNCH_TEMPLATE: templateId,
        WORKER_SUBNET_IDS: Fn.join(',', subnets),
        WORKER_INSTANCE_TYPES: settings.workerTypes.join(','),
        WORKER_MARKET: settings.workerMarkets.join(','),
        WORKER_ROLL: 'true',
      },
    });
    new Alarms(this, {
      data,
      maxWorkers: settings.maxWorkers,
      budgetUsd: settings.budgetUsd,
      email: settings.alarmEmail,
    });
    new CfnOutput(this, 'ScalerGroup', { value: scaler.group.autoScalingGroupName });
  }

  #role(name: Role): iam.Role {
    return new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `labelfleet ${name}`,
    });
  }

  #grant(roles: Readonly<Record<Role, iam.Role>>, names: Names): void {
    for (const role of ROLES) {
      for (const statement of POLICIES[role](names)) {
        roles[role].addToPrincipalPolicy(iam.PolicyStatement.fromJson(statement));
      }
    }
  }

  #objects({ bucket, prefix }: BucketPart): string {
    return this.formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: bucket,
      resourceName: `${prefix}*`,
    });
  }

  #ec2(resource: string): string {
    return this.formatArn({ service: 'ec2', resource });
  }

  /** A way out where IPv6 does not reach SQS: every instance in the subnets gets an address, 0.005 USD an hour. */
  #givePublicIpv4(vpc: ec2.Vpc): void {
    for (const subnet of vpc.publicSubnets) {
      (subnet.node.defaultChild as ec2.CfnSubnet).mapPublicIpOnLaunch = true;
    }
  }
}

const listed = (parts: readonly BucketPart[]): string =>
  parts.map(({ bucket, prefix }) => (prefix === '' ? bucket : `${bucket}/${prefix}`)).join(',');
