/** What an IAM action is asked for. The services say which ARNs that are in a call: none, one or several. */
export type Target =
  | '*'
  | 'queue'
  | 'queue-with-new-tags'
  | 'bucket'
  | 'object'
  | 'copied-object'
  | 'named-resources'
  | 'launch-template'
  | 'new-launch-template'
  | 'new-launch-template-with-tags'
  | 'launched-resources'
  | 'launched-with-tags'
  | 'passed-role';

type Row = readonly (readonly [action: string, on: Target])[];

const onQueue = (action: string): Row => [[`sqs:${action}`, 'queue']];
const onBucket = (action: string): Row => [[`s3:${action}`, 'bucket']];
const onObject = (action: string): Row => [[`s3:${action}`, 'object']];
const onAll = (action: string): Row => [[action, '*']];
const copy: Row = [
  ['s3:GetObject', 'copied-object'],
  ['s3:PutObject', 'object'],
];

/**
 * The IAM actions that each API action needs, by the service authorization reference
 * (docs.aws.amazon.com/service-authorization/latest/reference) and, for S3, "Required permissions for Amazon S3 API
 * operations" in its user guide. A test in tools/deploy compares it with that reference.
 */
export const CALLS_TABLE: Readonly<Record<string, Row>> = {
  'sqs:CreateQueue': [
    ['sqs:CreateQueue', 'queue'],
    ['sqs:TagQueue', 'queue-with-new-tags'],
  ],
  'sqs:GetQueueUrl': onQueue('GetQueueUrl'),
  'sqs:ListQueues': onAll('sqs:ListQueues'),
  'sqs:DeleteQueue': onQueue('DeleteQueue'),
  'sqs:PurgeQueue': onQueue('PurgeQueue'),
  'sqs:TagQueue': onQueue('TagQueue'),
  'sqs:UntagQueue': onQueue('UntagQueue'),
  'sqs:ListQueueTags': onQueue('ListQueueTags'),
  'sqs:GetQueueAttributes': onQueue('GetQueueAttributes'),
  'sqs:SetQueueAttributes': onQueue('SetQueueAttributes'),
  'sqs:SendMessage': onQueue('SendMessage'),
  'sqs:SendMessageBatch': onQueue('SendMessage'),
  'sqs:ReceiveMessage': onQueue('ReceiveMessage'),
  'sqs:DeleteMessage': onQueue('DeleteMessage'),
  'sqs:DeleteMessageBatch': onQueue('DeleteMessage'),
  'sqs:ChangeMessageVisibility': onQueue('ChangeMessageVisibility'),
  'sqs:ChangeMessageVisibilityBatch': onQueue('ChangeMessageVisibility'),

  's3:ListBuckets': onAll('s3:ListAllMyBuckets'),
  's3:CreateBucket': onBucket('CreateBucket'),
  's3:HeadBucket': onBucket('ListBucket'),
  's3:DeleteBucket': onBucket('DeleteBucket'),
  's3:ListObjects': onBucket('ListBucket'),
  's3:ListObjectsV2': onBucket('ListBucket'),
  's3:GetBucketLocation': onBucket('GetBucketLocation'),
  's3:GetBucketVersioning': onBucket('GetBucketVersioning'),
  's3:ListMultipartUploads': onBucket('ListBucketMultipartUploads'),
  's3:GetObject': onObject('GetObject'),
  's3:HeadObject': onObject('GetObject'),
  's3:GetObjectTagging': onObject('GetObjectTagging'),
  's3:PutObject': onObject('PutObject'),
  's3:CopyObject': copy,
  's3:DeleteObject': onObject('DeleteObject'),
  // Each of its entries is asked for as a DeleteObject.
  's3:DeleteObjects': [],
  's3:CreateMultipartUpload': onObject('PutObject'),
  's3:UploadPart': onObject('PutObject'),
  's3:UploadPartCopy': copy,
  's3:CompleteMultipartUpload': onObject('PutObject'),
  's3:AbortMultipartUpload': onObject('AbortMultipartUpload'),
  's3:ListParts': onObject('ListMultipartUploadParts'),

  'ec2:RunInstances': [
    ['ec2:RunInstances', 'launched-resources'],
    ['ec2:CreateTags', 'launched-with-tags'],
    ['iam:PassRole', 'passed-role'],
  ],
  'ec2:DescribeInstances': onAll('ec2:DescribeInstances'),
  'ec2:DescribeInstanceStatus': onAll('ec2:DescribeInstanceStatus'),
  'ec2:TerminateInstances': [['ec2:TerminateInstances', 'named-resources']],
  'ec2:CreateTags': [['ec2:CreateTags', 'named-resources']],
  'ec2:DeleteTags': [['ec2:DeleteTags', 'named-resources']],
  'ec2:CreateLaunchTemplate': [
    ['ec2:CreateLaunchTemplate', 'new-launch-template'],
    ['ec2:CreateTags', 'new-launch-template-with-tags'],
  ],
  'ec2:CreateLaunchTemplateVersion': [['ec2:CreateLaunchTemplateVersion', 'launch-template']],
  'ec2:DeleteLaunchTemplate': [['ec2:DeleteLaunchTemplate', 'launch-template']],
  'ec2:DescribeLaunchTemplates': onAll('ec2:DescribeLaunchTemplates'),
  'ec2:DescribeLaunchTemplateVersions': onAll('ec2:DescribeLaunchTemplateVersions'),
  'ec2:DescribeSubnets': onAll('ec2:DescribeSubnets'),
  'ec2:DescribeImages': onAll('ec2:DescribeImages'),
};
