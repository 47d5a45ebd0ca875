import { DeleteLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';

import type { AwsClients } from '@labelfleet/testkit/aws-clients';
import { terminate } from '@labelfleet/testkit/test-instances';

/**
 * Records everything that the clients create, so that a target that stays can be cleaned up.
 * @returns a function that deletes what still exists and throws an AggregateError of the failed deletions
 */
export function trackCreated({ sqs, s3, ec2 }: AwsClients): () => Promise<void> {
  const deletions = new Map<string, () => Promise<unknown>>();
  const first = { step: 'initialize' } as const;
  sqs.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const QueueUrl = 'QueueUrl' in result.output ? result.output.QueueUrl : undefined;
      if (QueueUrl !== undefined)
        deletions.set(QueueUrl, () => sqs.send(new DeleteQueueCommand({ QueueUrl })));
      return result;
    },
    first,
  );
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        const result = await next(call);
        const Bucket = 'Bucket' in call.input ? call.input.Bucket : undefined;
        if (commandName === 'CreateBucketCommand' && Bucket !== undefined)
          deletions.set(Bucket, () => deleteBucket(s3, Bucket));
        return result;
      },
    first,
  );
  ec2.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const template = 'LaunchTemplate' in result.output ? result.output.LaunchTemplate : undefined;
      const LaunchTemplateId = template?.LaunchTemplateId;
      if (LaunchTemplateId !== undefined) {
        const command = new DeleteLaunchTemplateCommand({ LaunchTemplateId });
        deletions.set(LaunchTemplateId, () => ec2.send(command));
      }
      const launched = 'ReservationId' in result.output ? (result.output.Instances ?? []) : [];
      for (const { InstanceId: id = '' } of launched)
        deletions.set(id, () => terminate({ ec2 }, id));
      return result;
    },
    first,
  );
  return async () => {
    const outcomes = await Promise.allSettled([...deletions.values()].map((run) => run()));
    const left = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }) => reason as unknown)
      .filter((reason) => !isGone(reason)); // a case may have deleted it
    if (left.length > 0)
      throw new AggregateError(left, 'Some resources of the cases could not be deleted.');
  };
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
