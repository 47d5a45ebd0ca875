import {
  DeleteLaunchTemplateCommand,
  TerminateInstancesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';

interface Created {
  readonly queues: Set<string>;
  readonly buckets: Set<string>;
  readonly templates: Set<string>;
  readonly instances: Set<string>;
}

interface Connected {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
}

/** Records everything that the clients create, so that a target that stays can be cleaned up. */
export function trackCreated({ sqs, s3, ec2 }: Connected): Created {
  const created: Created = {
    queues: new Set(),
    buckets: new Set(),
    templates: new Set(),
    instances: new Set(),
  };
  const first = { step: 'initialize' } as const;
  sqs.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      if ('QueueUrl' in result.output) note(created.queues, result.output.QueueUrl);
      return result;
    },
    first,
  );
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        const result = await next(call);
        if (commandName === 'CreateBucketCommand' && 'Bucket' in call.input) {
          note(created.buckets, call.input.Bucket);
        }
        return result;
      },
    first,
  );
  ec2.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      if ('LaunchTemplate' in result.output) {
        note(created.templates, result.output.LaunchTemplate?.LaunchTemplateId);
      }
      if ('ReservationId' in result.output) {
        for (const { InstanceId } of result.output.Instances ?? [])
          note(created.instances, InstanceId);
      }
      return result;
    },
    first,
  );
  return created;
}

function note(names: Set<string>, name: string | undefined): void {
  if (name !== undefined) names.add(name);
}

/** Deletes everything that was created and still exists. @throws AggregateError with the failed deletions */
export async function deleteCreated({ sqs, s3, ec2 }: Connected, created: Created): Promise<void> {
  const outcomes = await Promise.allSettled([
    ...[...created.queues].map((QueueUrl) => sqs.send(new DeleteQueueCommand({ QueueUrl }))),
    ...[...created.buckets].map((Bucket) => deleteBucket(s3, Bucket)),
    ...[...created.templates].map((LaunchTemplateId) =>
      ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
    ),
    ...[...created.instances].map((id) =>
      ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
    ),
  ]);
  const left = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }) => reason as unknown)
    .filter((reason) => !isGone(reason)); // a case may have deleted it
  if (left.length > 0)
    throw new AggregateError(left, 'Some resources of the cases could not be deleted.');
}

const isGone = (reason: unknown) =>
  reason instanceof Error && ['QueueDoesNotExist', 'NoSuchBucket'].includes(reason.name);

async function deleteBucket(s3: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  if (Contents.length > 0) {
    const Objects = Contents.map(({ Key = '' }) => ({ Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
