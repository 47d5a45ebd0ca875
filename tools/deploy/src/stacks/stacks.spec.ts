import { Match } from 'aws-cdk-lib/assertions';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { POLICIES, ROLES } from '../rights/policies.ts';
import { NAMES } from '../testing/recorded-calls.ts';
import { synthesize, textOf } from '../testing/synthesize.ts';
import { DATA_VARIABLES, outputName } from '../variables.ts';

const { data, run } = synthesize();

interface LaunchTemplate {
  Properties: { LaunchTemplateData: Record<string, unknown> };
}
const templateOf = (start: string, stack = run) => {
  const templates = stack.findResources('AWS::EC2::LaunchTemplate');
  const found = Object.entries(templates as Record<string, LaunchTemplate>).find(([id]) =>
    id.startsWith(start),
  );
  if (found === undefined) throw new Error(`no launch template ${start}`);
  return found[1].Properties.LaunchTemplateData;
};
const TEMPLATES = ['WorkerTemplate', 'GatewayHostTemplate', 'ScalerHostTemplate'];

describe('the data stack', () => {
  test('keeps requests as long as SQS can, and images longer', () => {
    data.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'labelfleet-requests',
      MessageRetentionPeriod: 14 * 24 * 3600,
      VisibilityTimeout: 30,
      RedrivePolicy: { maxReceiveCount: 50 },
    });
    data.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 21 })]),
      },
    });
  });

  test('has a batch queue as the request queue is', () => {
    data.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'labelfleet-batch',
      MessageRetentionPeriod: 14 * 24 * 3600,
      VisibilityTimeout: 30,
      RedrivePolicy: { maxReceiveCount: 50 },
    });
  });

  test.each([
    ['Input', { '': 21 }],
    ['Output', { '': 90, 'jobs/': 30 }],
    [
      'State',
      {
        'idempotency/': 2,
        'usage/': 2,
        'attempts/': 21,
        'batches/': 21,
        'webhooks/': 15,
        'jobs/': 30,
        'job-lists/': 30,
      },
    ],
  ])('the objects of the bucket %s expire after so many days', (start, days) => {
    interface Bucket {
      Properties: {
        LifecycleConfiguration: { Rules: { Prefix?: string; ExpirationInDays?: number }[] };
      };
    }
    const buckets = data.findResources('AWS::S3::Bucket') as Record<string, Bucket>;
    const [, bucket] = Object.entries(buckets).find(([id]) => id.startsWith(start)) ?? [];
    const rules = bucket?.Properties.LifecycleConfiguration.Rules ?? [];
    const expiring = rules.flatMap(({ Prefix = '', ExpirationInDays }) =>
      ExpirationInDays === undefined ? [] : [[Prefix, ExpirationInDays] as const],
    );
    expect(Object.fromEntries(expiring)).toEqual(days);
  });

  test('loses nothing when the stack goes', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::SQS::Queue']) {
      data.allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('has queues for requests, jobs, fleet events and webhooks, with their dead letters', () => {
    const queues = Object.values(data.findResources('AWS::SQS::Queue'));
    const names = queues.map(({ Properties }) => (Properties as { QueueName: string }).QueueName);
    expect(names.sort()).toEqual([
      'labelfleet-batch',
      'labelfleet-batch-dead-letters',
      'labelfleet-dead-letters',
      'labelfleet-fleet-events',
      'labelfleet-requests',
      'labelfleet-webhooks',
      'labelfleet-webhooks-dead-letters',
    ]);
  });

  test('does not keep versions of the lease', () => {
    data.allResourcesProperties('AWS::S3::Bucket', { VersioningConfiguration: Match.absent() });
  });

  test('names what the commands need', () => {
    expect(Object.keys(data.findOutputs('*'))).toEqual(
      expect.arrayContaining(DATA_VARIABLES.map(outputName)),
    );
  });
});

test.each([
  'AWS::EC2::NatGateway',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::KMS::Key',
  'AWS::Lambda::Function',
  'AWS::SecretsManager::Secret',
])('there is no %s, which would cost money while idle', (type) => {
  run.resourceCountIs(type, 0);
  data.resourceCountIs(type, 0);
});

test('the only endpoint is the one of S3, which is free', () => {
  run.allResourcesProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
  run.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
});

test('there are no more alarms than are free', () => {
  expect(Object.keys(run.findResources('AWS::CloudWatch::Alarm')).length).toBeLessThanOrEqual(10);
});

interface Ingress {
  CidrIp?: string;
  SourceSecurityGroupId?: unknown;
  FromPort: number;
}
const ingressOf = (stack: typeof run) => {
  const groups = Object.values(stack.findResources('AWS::EC2::SecurityGroup'));
  return groups.flatMap(
    ({ Properties }) =>
      (Properties as { SecurityGroupIngress?: Ingress[] }).SecurityGroupIngress ?? [],
  );
};

test('only the gateway is reached, on port 80, from the allowed addresses', () => {
  expect(ingressOf(run)).toEqual([
    expect.objectContaining({ CidrIp: '203.0.113.7/32', FromPort: 80, ToPort: 80 }),
  ]);
  run.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
});

describe('the template of workers', () => {
  const worker = templateOf('WorkerTemplate');

  test('is as the scaler wants it', () => {
    expect(worker).toMatchObject({
      InstanceInitiatedShutdownBehavior: 'terminate',
      InstanceType: 'c7g.large',
      MetadataOptions: {
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 1,
        InstanceMetadataTags: 'enabled',
      },
    });
    for (const absent of ['NetworkInterfaces', 'DisableApiTermination', 'InstanceMarketOptions']) {
      expect(worker).not.toHaveProperty(absent);
    }
  });

  test('tags with keys that instance metadata can show', () => {
    const specifications = (worker['TagSpecifications'] ?? []) as { Tags: { Key: string }[] }[];
    const keys = specifications.flatMap(({ Tags }) => Tags.map(({ Key }) => Key));
    expect(keys.filter((key) => !/^[\w+\-=.,:@]{1,255}$/.test(key))).toEqual([]);
  });
});

test.each(TEMPLATES)('the user data of %s fits, and dotenv reads it', (name) => {
  const script = textOf(templateOf(name)['UserData']);
  expect(script.length).toBeLessThan(16_384);
  const variables = parseEnv(script);
  expect(variables).toMatchObject({ AWS_REGION: expect.any(String) as string });
  for (const key of ['REQUEST_QUEUE_URL', 'INPUT_BUCKET', 'OUTPUT_BUCKET', 'STATE_BUCKET']) {
    expect(variables[key]).toMatch(/^labelfleet-dataExports/);
  }
});

test('a host is replaced only when its successor reports that it is ready', () => {
  run.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 2);
  run.allResources('AWS::AutoScaling::AutoScalingGroup', {
    CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT10M' } },
    UpdatePolicy: {
      AutoScalingRollingUpdate: Match.objectLike({
        MinInstancesInService: 1,
        WaitOnResourceSignals: true,
        PauseTime: 'PT10M',
      }),
    },
  });
  for (const [name, host] of [
    ['GatewayHostTemplate', 'GatewayHostGroup'],
    ['ScalerHostTemplate', 'ScalerHostGroup'],
  ] as const) {
    const variables = parseEnv(textOf(templateOf(name)['UserData']));
    expect(variables['GROUP_LOGICAL_ID']).toBe(host);
    expect(run.findResources('AWS::AutoScaling::AutoScalingGroup')).toHaveProperty(host);
  }
});

test('the gateway reads keys and receivers from the state bucket, and no secret is in user data', () => {
  const variables = parseEnv(textOf(templateOf('GatewayHostTemplate')['UserData']));
  const stored = (key: string) =>
    expect.stringMatching(`^s3://labelfleet-dataExports\\S+/${key}$`) as string;
  expect(variables).toMatchObject({
    API_KEYS_FILE: stored('access/api-keys.json'),
    WEBHOOKS_FILE: stored('access/receivers.json'),
    ALLOW_ANONYMOUS: 'true',
  });
  const scripts = TEMPLATES.map((name) => textOf(templateOf(name)['UserData']));
  expect(scripts.join('\n')).not.toMatch(/whsec_|lf_\w|SECRET|PASSWORD/);
});

test('the scaler launches this template in these subnets', () => {
  const variables = parseEnv(textOf(templateOf('ScalerHostTemplate')['UserData']));
  expect(variables).toMatchObject({
    FLEET_NAME: 'labelfleet',
    MAX_WORKERS: '20',
    WORKER_INSTANCE_TYPES: 'c7g.large,c8g.large',
    WORKER_MARKET: 'on-demand',
    WORKER_ROLL: 'true',
    WORKER_LAUNCH_TEMPLATE: expect.stringMatching(/^WorkerTemplate/) as string,
    WORKER_SUBNET_IDS: expect.stringMatching(/^Network\w+,Network\w+$/) as string,
  });
});

interface Policy {
  Properties: {
    PolicyDocument: { Statement: { Sid?: string; Action: string | string[]; Resource: unknown }[] };
  };
}
/** CDK grants it with the signal that a group waits for. */
const SIGNAL = 'cloudformation:SignalResource';

describe.each(ROLES)('the role of %s', (role) => {
  const policies = run.findResources('AWS::IAM::Policy') as Record<string, Policy>;
  const deployed = Object.entries(policies)
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);

  test('has its rights and those of its boot, no others', () => {
    const absent = { spot: false, jobSources: [], jobDestinations: [] };
    const own = POLICIES[role]({ ...NAMES, ...absent }).map(({ Sid }) => Sid);
    const boot = {
      gateway: [
        'FetchPack',
        'SendLogs',
        SIGNAL,
        'TakeAddress',
        'TakeAddressHere',
        'TakeAddressByInterface',
      ],
      worker: ['FetchPack', 'SendLogs'],
      scaler: ['FetchPack', 'SendLogs', SIGNAL],
    }[role];
    const sids = deployed.map(({ Sid, Action }) => Sid ?? String(Action));
    expect(sids.sort()).toEqual([...own, ...boot].sort());
  });

  test('has no wildcard in an action, and * as resource only where there is no resource', () => {
    for (const { Action, Resource } of deployed) {
      const actions = [Action].flat();
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      if ([Resource].flat().includes('*')) {
        expect(actions.join()).toMatch(/^(ec2:Describe\w+,?|sqs:ListQueues)+$/);
      }
    }
  });
});

describe('with options', () => {
  test.each([
    ['max-workers', '30', ['ScalerHostTemplate']],
    ['gateway-type', 't4g.micro', ['GatewayHostTemplate']],
    ['worker-types', 'c8g.large', ['WorkerTemplate', 'ScalerHostTemplate']],
  ])('another --%s replaces no other machines', (option, value, replaced) => {
    const { run: changed } = synthesize({ [option]: value });
    const differs = (name: string) =>
      JSON.stringify(templateOf(name, changed)) !== JSON.stringify(templateOf(name));
    expect(TEMPLATES.filter(differs)).toEqual(replaced);
  });

  test("jobs may use the operator's buckets that are named, and no others", () => {
    const { run: named } = synthesize({
      'job-sources': 'photos/2026',
      'job-destinations': 'labels',
    });
    const variables = parseEnv(textOf(templateOf('GatewayHostTemplate', named)['UserData']));
    expect(variables).toMatchObject({
      JOB_SOURCES: expect.stringMatching(
        /^labelfleet-data\S+\/uploads\/,photos\/2026\/$/,
      ) as string,
      JOB_DESTINATIONS: expect.stringMatching(/^labelfleet-data\S+\/jobs\/,labels$/) as string,
    });
    const policies = Object.values(named.findResources('AWS::IAM::Policy')) as Policy[];
    const rights = policies.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.flatMap(({ Sid, Action, Resource }) =>
        ['ListJobBuckets', 'ReadSources', 'KeepJobResults'].includes(Sid ?? '')
          ? [[Sid, [Action].flat(), [Resource].flat().map(textOf)]]
          : [],
      ),
    );
    const arn = (name: string) => `arn:AWSPartition:s3:::${name}`;
    const lists = ['ListJobBuckets', ['s3:ListBucket'], [arn('photos'), arn('labels')]];
    const reads = ['ReadSources', ['s3:GetObject'], [arn('photos/2026/*')]];
    const [gateway, worker] = [['s3:GetObject'], ['s3:GetObject', 's3:PutObject']].map(
      (actions) => [lists, reads, ['KeepJobResults', actions, [arn('labels/*')]]],
    );
    expect(rights).toEqual([...(gateway ?? []), ...(worker ?? [])]);
  });

  test('Spot workers may be requested only where they are wanted', () => {
    const spot = (options: Record<string, string>) =>
      JSON.stringify(synthesize(options).run.toJSON()).includes('spot-instances-request');
    expect([spot({}), spot({ 'worker-market': 'spot,on-demand' })]).toEqual([false, true]);
  });

  test('workers of x64 get an image of x64', () => {
    const { run: x64 } = synthesize({ 'worker-types': 'c7i.large' });
    const parameters = Object.values(x64.findParameters('*'));
    const defaults = parameters.map(({ Default }) => String(Default));
    expect(defaults.filter((name) => name.includes('ami-amazon-linux-latest'))).toEqual([
      expect.stringContaining('x86_64'),
      expect.stringContaining('arm64'),
    ]);
  });

  test('a certificate brings a load balancer that waits as long as callers do', () => {
    const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b';
    const { run: secure } = synthesize({
      'certificate-arn': certificate,
      domain: 'labels.example.com',
    });
    secure.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'idle_timeout.timeout_seconds', Value: '315' },
      ]),
    });
    secure.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Certificates: [{ CertificateArn: certificate }],
    });
    secure.resourceCountIs('AWS::EC2::EIP', 0);
    secure.hasOutput('Url', { Value: 'https://labels.example.com/' });
    const variables = parseEnv(textOf(templateOf('GatewayHostTemplate', secure)['UserData']));
    expect(variables).toMatchObject({ PUBLIC_URL: 'https://labels.example.com' });
    expect(variables).not.toHaveProperty('DOMAIN');
  });

  test("a domain opens 443 to callers, and 80 to Let's Encrypt", () => {
    const { run: secure } = synthesize({ domain: 'labels.example.com' });
    expect(ingressOf(secure)).toEqual([
      expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 }),
      expect.objectContaining({ CidrIp: '203.0.113.7/32', FromPort: 443, ToPort: 443 }),
    ]);
    secure.hasOutput('Url', { Value: 'https://labels.example.com/' });
    const variables = parseEnv(textOf(templateOf('GatewayHostTemplate', secure)['UserData']));
    expect(variables).toMatchObject({
      DOMAIN: 'labels.example.com',
      PUBLIC_URL: 'https://labels.example.com',
      ADDRESS: expect.stringMatching(/^Address/) as string,
    });
    const policies = Object.values(secure.findResources('AWS::IAM::Policy')) as Policy[];
    const kept = policies.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Sid }) => Sid === 'KeepCertificate'),
    );
    expect(kept).toMatchObject([{ Action: ['s3:GetObject', 's3:PutObject'] }]);
    expect(textOf(kept[0]?.Resource)).toMatch(/State\S+\/tls\/labels\.example\.com\/\*$/);
  });

  test('the gateway knows by which address it is called', () => {
    const variables = parseEnv(textOf(templateOf('GatewayHostTemplate')['UserData']));
    expect(variables['PUBLIC_URL']).toMatch(/^http:\/\/Address\S+$/);
  });

  test('Prometheus reads metrics from where it is allowed', () => {
    const { run: open } = synthesize({ 'metrics-from': '10.9.0.0/16,sg-0123456789abcdef0' });
    const ports = [9464, 9465, 9466];
    const opened = (from: 'CidrIp' | 'SourceSecurityGroupId', source: string) =>
      ingressOf(open)
        .filter((rule) => rule[from] === source)
        .map(({ FromPort }) => FromPort)
        .sort();
    expect(opened('CidrIp', '10.9.0.0/16')).toEqual(ports);
    expect(opened('SourceSecurityGroupId', 'sg-0123456789abcdef0')).toEqual(ports);
    for (const name of TEMPLATES) {
      const hosts = [open, run].map(
        (stack) => parseEnv(textOf(templateOf(name, stack)['UserData']))['METRICS_HOST'],
      );
      expect(hosts).toEqual(['0.0.0.0', undefined]);
    }
  });

  test('hosts have tags by which they are found, and which are not those of workers', () => {
    const groups = run.findResources('AWS::AutoScaling::AutoScalingGroup') as Record<
      string,
      { Properties: { Tags: { Key: string; Value: string }[] } }
    >;
    const tags = Object.values(groups).flatMap(({ Properties }) =>
      Properties.Tags.filter(({ Key }) => Key.startsWith('labelfleet')).map(
        ({ Key, Value }) => `${Key}=${Value}`,
      ),
    );
    expect(tags).toEqual(['labelfleet:gateway=labelfleet', 'labelfleet:scaler=labelfleet']);
  });

  test('each role writes its own logs, for two weeks, unless they are not wanted', () => {
    run.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
    for (const role of ROLES) {
      run.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: `/labelfleet/${role}` });
      const [, policy] =
        Object.entries(run.findResources('AWS::IAM::Policy') as Record<string, Policy>).find(
          ([id]) => id.startsWith(role),
        ) ?? [];
      const sends = policy?.Properties.PolicyDocument.Statement.find(
        ({ Sid }) => Sid === 'SendLogs',
      );
      expect(sends?.Action).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
      expect(textOf(sends?.Resource)).toMatch(new RegExp(`^Logslabelfleet${role}\\w+\\.Arn$`));
    }
    const groups = TEMPLATES.map(
      (name) => parseEnv(textOf(templateOf(name)['UserData']))['LOG_GROUP'],
    );
    expect(groups).toEqual(['/labelfleet/worker', '/labelfleet/gateway', '/labelfleet/scaler']);
    const { run: without } = synthesize({ 'no-logs': true });
    without.resourceCountIs('AWS::Logs::LogGroup', 0);
    expect(JSON.stringify(without.toJSON())).not.toMatch(/LOG_GROUP=|SendLogs/);
  });

  test('workers get a public IPv4 address only when asked', () => {
    const { run: asked } = synthesize({ 'worker-public-ipv4': true });
    run.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
    asked.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true });
  });
});
