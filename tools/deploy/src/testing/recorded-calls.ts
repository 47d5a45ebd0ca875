import type { FaultHit } from '@labelfleet/testkit/faults-client';
import type { Names } from '../rights/policies.ts';
import type { IamCall } from './iam.ts';

const sqs = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const s3 = (name: string) => `arn:aws:s3:::${name}`;
const ec2 = (resource: string) => `arn:aws:ec2:us-east-1:000000000000:${resource}`;

/** The names of a deployment in the local cloud. */
export const NAMES: Names = {
  fleet: 'lf',
  requestQueue: sqs('lf-requests'),
  deadLetterQueue: sqs('lf-dead-letters'),
  fleetEventQueue: sqs('lf-fleet-events'),
  webhookQueue: sqs('lf-webhooks'),
  webhookDeadLetterQueue: sqs('lf-webhooks-dead-letters'),
  batchQueue: sqs('lf-batch'),
  batchDeadLetterQueue: sqs('lf-batch-dead-letters'),
  replyQueues: sqs('lf-replies-*'),
  inputBucket: s3('lf-input'),
  outputBucket: s3('lf-output'),
  stateBucket: s3('lf-state'),
  jobSources: [s3('photos/2026/*')],
  jobDestinations: [s3('labels/*')],
  launchTemplate: ec2('launch-template/lt-1'),
  workerRole: 'arn:aws:iam::000000000000:role/worker',
  workerProfile: 'arn:aws:iam::000000000000:instance-profile/worker',
  workerSecurityGroup: ec2('security-group/sg-1'),
  subnets: ['subnet-a', 'subnet-b'],
  instanceTypes: ['c7g.large', 'c8g.large'],
  spot: true,
  ec2,
  images: 'arn:aws:ec2:us-east-1::image/*',
};

const OWN = { 'aws:ResourceTag/labelfleet:fleet': 'lf' };

/** What the launch of a worker asks of IAM. @param over replaces what is known of the instance */
export function launchCalls(over: Record<string, string> = {}): IamCall[] {
  const template = { 'ec2:LaunchTemplate': NAMES.launchTemplate };
  const inTemplate = { ...template, 'ec2:IsLaunchTemplateResource': 'true' };
  const tags = { 'aws:RequestTag/labelfleet:fleet': 'lf' };
  const instance = {
    ...template,
    ...tags,
    'ec2:InstanceProfile': NAMES.workerProfile,
    'ec2:InstanceType': 'c7g.large',
    'ec2:MetadataHttpTokens': 'required',
    ...over,
  };
  const run = (resource: string, context?: IamCall['context']): IamCall => ({
    action: 'ec2:RunInstances',
    resource,
    ...(context && { context }),
  });
  const tag = { 'ec2:CreateAction': 'RunInstances', ...tags };
  return [
    run(ec2('instance/*'), instance),
    run('arn:aws:ec2:us-east-1::image/ami-1', inTemplate),
    run(NAMES.workerSecurityGroup, inTemplate),
    run(NAMES.launchTemplate, template),
    ...NAMES.subnets.map((subnet) => run(ec2(`subnet/${subnet}`), template)),
    run(ec2('network-interface/*'), template),
    run(ec2('volume/*'), template),
    run(ec2('spot-instances-request/*')),
    { action: 'ec2:CreateTags', resource: ec2('instance/*'), context: tag },
    { action: 'ec2:CreateTags', resource: ec2('volume/*'), context: tag },
    {
      action: 'iam:PassRole',
      resource: NAMES.workerRole,
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    },
  ];
}

/** What a recorded call asks of IAM. The journal does not name tags and templates; those are as the scaler sets them. */
export function iamCalls({ action, facts }: FaultHit): IamCall[] {
  const [service = '', operation = ''] = action.split(':');
  if (service === 'sqs') {
    const [queue] = facts['queue'] ?? [];
    const resource = queue === undefined ? '*' : sqs(queue);
    const call = { action: `sqs:${operation.replace(/Batch$/, '')}`, resource };
    // A queue that is created with tags needs the right to tag it.
    return operation === 'CreateQueue' ? [call, { action: 'sqs:TagQueue', resource }] : [call];
  }
  if (service === 's3') {
    const [bucket = ''] = facts['bucket'] ?? [];
    const [key = ''] = facts['key'] ?? [];
    const list = { action: 's3:ListBucket', resource: s3(bucket) };
    switch (operation) {
      case 'HeadBucket':
      case 'ListObjectsV2':
        return [list];
      // Without the right to list, a missing object would be 403 instead of 404.
      case 'GetObject':
      case 'HeadObject':
        return [list, { action: 's3:GetObject', resource: s3(`${bucket}/${key}`) }];
      default:
        return [{ action: `s3:${operation}`, resource: s3(`${bucket}/${key}`) }];
    }
  }
  switch (operation) {
    case 'RunInstances':
      return launchCalls();
    case 'CreateTags':
      return [instruct(facts['instance'], ['labelfleet:drain'])];
    case 'TerminateInstances':
      return [onOwn('ec2:TerminateInstances', facts['instance'])];
    default:
      return [{ action, resource: '*' }];
  }
}

export const instruct = (
  instances: string[] | undefined,
  keys: string[],
  owner = OWN,
): IamCall => ({
  ...onOwn('ec2:CreateTags', instances),
  context: { ...owner, 'aws:TagKeys': keys },
});

const onOwn = (action: string, [instance = '']: string[] = []): IamCall => ({
  action,
  resource: ec2(`instance/${instance}`),
  context: OWN,
});
