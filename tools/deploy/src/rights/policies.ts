/**
 * The least rights of each role. Pure, so that the stacks, the table in docs/aws.md and the check against a recorded
 * run all read the same.
 */
export const ROLES = ['gateway', 'worker', 'scaler'] as const;
export type Role = (typeof ROLES)[number];

/** A statement of an IAM policy. */
export interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What the policies name, as ARNs unless a comment says otherwise. */
export interface Names {
  /** `FLEET_NAME`, the value of the tag `labelfleet:fleet`. */
  fleet: string;
  requestQueue: string;
  deadLetterQueue: string;
  fleetEventQueue: string;
  webhookQueue: string;
  webhookDeadLetterQueue: string;
  batchQueue: string;
  batchDeadLetterQueue: string;
  /** With `*` at the end. */
  replyQueues: string;
  inputBucket: string;
  outputBucket: string;
  stateBucket: string;
  /** Objects of other buckets that jobs may read, with `*` at the end. */
  jobSources: string[];
  /** Objects of other buckets where jobs may store their results, with `*` at the end. */
  jobDestinations: string[];
  launchTemplate: string;
  workerRole: string;
  workerProfile: string;
  workerSecurityGroup: string;
  subnets: string[];
  /** Types, not ARNs. */
  instanceTypes: string[];
  /** True if workers may be Spot instances. */
  spot: boolean;
  /** The ARN of an EC2 resource of the account, such as `instance/*`. */
  ec2: (resource: string) => string;
  /** Images, which belong to no account. */
  images: string;
}

export const POLICIES: Readonly<Record<Role, (names: Names) => Statement[]>> = {
  // It faces the internet: it has no right on EC2, and none on other queues.
  gateway: (n) => [
    tellMissing(n),
    allow('StoreImages', ['s3:PutObject', 's3:GetObject'], [`${n.inputBucket}/*`]),
    allow('StoreResults', ['s3:GetObject', 's3:PutObject'], [`${n.outputBucket}/*`]),
    allow(
      'KeepRecords',
      ['s3:GetObject', 's3:PutObject'],
      ['idempotency', 'batches', 'usage', 'webhooks', 'jobs'].map(
        (folder) => `${n.stateBucket}/${folder}/*`,
      ),
    ),
    allow('ListJobs', ['s3:PutObject'], [`${n.stateBucket}/job-lists/*`]),
    allow('ForgetWebhooks', ['s3:DeleteObject'], [`${n.stateBucket}/webhooks/*`]),
    allow(
      'SeeFleetAndModels',
      ['s3:GetObject'],
      [`${n.stateBucket}/fleet/snapshot.json`, `${n.stateBucket}/models/*`],
    ),
    allow('SeeAccess', ['s3:GetObject'], [`${n.stateBucket}/access/*`]),
    allow(
      'Send',
      ['sqs:SendMessage'],
      [n.requestQueue, n.batchQueue, n.fleetEventQueue, n.webhookDeadLetterQueue],
    ),
    allow(
      'SendWebhooks',
      [
        'sqs:GetQueueAttributes',
        'sqs:SendMessage',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
      ],
      [n.webhookQueue],
    ),
    allow(
      'OwnReplyQueue',
      [
        'sqs:CreateQueue',
        'sqs:TagQueue',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:DeleteQueue',
      ],
      [n.replyQueues],
    ),
    ...jobRights(n, ['s3:GetObject']),
  ],
  // It has no right on EC2: a worker ends its instance by ending its process.
  worker: (n) => [
    tellMissing(n),
    allow(
      'ReceiveRequests',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [n.requestQueue],
    ),
    allow(
      'ReplyAndReport',
      ['sqs:SendMessage'],
      [n.replyQueues, n.fleetEventQueue, n.webhookQueue],
    ),
    allow('ReadImages', ['s3:GetObject'], [`${n.inputBucket}/*`]),
    allow('StoreResults', ['s3:GetObject', 's3:PutObject'], [`${n.outputBucket}/*`]),
    allow('RecordAttempts', ['s3:GetObject', 's3:PutObject'], [`${n.stateBucket}/attempts/*`]),
    allow(
      'WorkOnJobs',
      ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [n.batchQueue],
    ),
    allow('RecordJobs', ['s3:GetObject', 's3:PutObject'], [`${n.stateBucket}/jobs/*`]),
    endJobs(n),
    ...jobRights(n, ['s3:GetObject', 's3:PutObject']),
    allow('DescribeModel', ['s3:PutObject'], [`${n.stateBucket}/models/*`]),
    allow('SeeScaler', ['s3:GetObject'], [`${n.stateBucket}/fleet/snapshot.json`]),
  ],
  scaler: (n) => [
    tellMissing(n),
    allow(
      'SeeRequests',
      ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
      [n.requestQueue, n.batchQueue],
    ),
    allow(
      'HandleDeadLetters',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [n.deadLetterQueue, n.batchDeadLetterQueue],
    ),
    allow('HearWorkers', ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], [n.fleetEventQueue]),
    allow(
      'ReplyAndSweep',
      ['sqs:SendMessage', 'sqs:ListQueueTags', 'sqs:DeleteQueue'],
      [n.replyQueues],
    ),
    allow('NotifyReceivers', ['sqs:SendMessage'], [n.webhookQueue]),
    allow('ListQueues', ['sqs:ListQueues'], ['*']),
    allow('SeeImages', ['s3:GetObject'], [`${n.inputBucket}/*`]),
    allow('StoreResults', ['s3:GetObject', 's3:PutObject'], [`${n.outputBucket}/*`]),
    allow(
      'SeeAttemptsAndJobs',
      ['s3:GetObject'],
      [`${n.stateBucket}/attempts/*`, `${n.stateBucket}/jobs/*`],
    ),
    endJobs(n),
    allow('LeaseAndPublish', ['s3:GetObject', 's3:PutObject'], [`${n.stateBucket}/fleet/*`]),
    ...fleetRights(n),
  ],
};

/** The active markers of jobs, which are deleted when a job is completed. */
const endJobs = (n: Names): Statement =>
  allow('EndJobs', ['s3:DeleteObject'], [`${n.stateBucket}/jobs/active/*`]);

/**
 * What jobs need in the operator's own buckets, if there are any.
 * @param onDestinations what the role does with results
 */
function jobRights(n: Names, onDestinations: string[]): Statement[] {
  const parts = [...n.jobSources, ...n.jobDestinations];
  const buckets = new Set(parts.map((part) => part.slice(0, part.indexOf('/'))));
  return [
    ...(buckets.size === 0 ? [] : [allow('ListJobBuckets', ['s3:ListBucket'], [...buckets])]),
    ...(n.jobSources.length === 0 ? [] : [allow('ReadSources', ['s3:GetObject'], n.jobSources)]),
    ...(n.jobDestinations.length === 0
      ? []
      : [allow('KeepJobResults', onDestinations, n.jobDestinations)]),
  ];
}

/** What the scaler may do with EC2: launch its template, tell its instances to drain, and terminate them. */
function fleetRights(n: Names): Statement[] {
  const fromTemplate = { ArnEquals: { 'ec2:LaunchTemplate': n.launchTemplate } };
  const own = { 'aws:ResourceTag/labelfleet:fleet': n.fleet };
  const tagged = { 'aws:RequestTag/labelfleet:fleet': n.fleet };
  return [
    // They have no resource.
    allow(
      'SeeInstances',
      [
        'ec2:DescribeInstances',
        'ec2:DescribeLaunchTemplates',
        'ec2:DescribeLaunchTemplateVersions',
      ],
      ['*'],
    ),
    allow('Launch', ['ec2:RunInstances'], [n.ec2('instance/*')], {
      ArnEquals: { ...fromTemplate.ArnEquals, 'ec2:InstanceProfile': n.workerProfile },
      StringEquals: {
        ...tagged,
        'ec2:InstanceType': n.instanceTypes,
        'ec2:MetadataHttpTokens': 'required',
      },
    }),
    // Image and security group are the template's; a caller cannot name others.
    allow('LaunchAsInTemplate', ['ec2:RunInstances'], [n.images, n.workerSecurityGroup], {
      ...fromTemplate,
      Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
    }),
    allow(
      'LaunchWith',
      ['ec2:RunInstances'],
      [
        n.launchTemplate,
        n.ec2('network-interface/*'),
        n.ec2('volume/*'),
        ...n.subnets.map((subnet) => n.ec2(`subnet/${subnet}`)),
      ],
      fromTemplate,
    ),
    // Of the keys above, a Spot request has none.
    ...(n.spot
      ? [allow('LaunchSpot', ['ec2:RunInstances'], [n.ec2('spot-instances-request/*')])]
      : []),
    allow('TagLaunched', ['ec2:CreateTags'], [n.ec2('instance/*'), n.ec2('volume/*')], {
      StringEquals: { 'ec2:CreateAction': 'RunInstances', ...tagged },
    }),
    allow('Instruct', ['ec2:CreateTags'], [n.ec2('instance/*')], {
      StringEquals: own,
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['labelfleet:drain', 'labelfleet:resume'] },
      // ForAllValues is true of no keys, too.
      Null: { 'aws:TagKeys': 'false' },
    }),
    allow('Terminate', ['ec2:TerminateInstances'], [n.ec2('instance/*')], { StringEquals: own }),
    allow('PassWorkerRole', ['iam:PassRole'], [n.workerRole], {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    }),
  ];
}

/** Without it S3 answers 403 instead of 404 for a missing key; under a condition on the prefix as well. */
const tellMissing = (n: Names): Statement =>
  allow('TellMissing', ['s3:ListBucket'], [n.inputBucket, n.outputBucket, n.stateBucket]);

function allow(
  Sid: string,
  Action: string[],
  Resource: string[],
  Condition?: Statement['Condition'],
): Statement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}
