import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  EC2Client,
  type _InstanceType,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client, type BucketLocationConstraint } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Connection } from '../connection.ts';
import {
  BUCKET_OWNED_CODES,
  callAws,
  hasCode,
  QUEUE_EXISTS_CODES,
  required,
  TEMPLATE_EXISTS_CODES,
} from '../errors.ts';
import type { LaunchTemplate, Provisioner, QueueSettings } from './provisioner.ts';

/** Creates a provisioner with one client per service. */
export function connectProvisioner(connection: Connection): Provisioner {
  const sqs = new SQSClient({ ...connection, useQueueUrlAsEndpoint: false });
  const s3 = new S3Client({ ...connection });
  const ec2 = new EC2Client({ ...connection });
  return {
    createQueue: (name, settings = {}) => createQueue(sqs, name, settings),
    createBucket: (name) => createBucket(s3, name, connection.region),
    createLaunchTemplate: (template) => createLaunchTemplate(ec2, template),
    close() {
      for (const client of [sqs, s3, ec2]) client.destroy();
    },
  };
}

async function createQueue(sqs: SQSClient, name: string, settings: QueueSettings): Promise<string> {
  const attributes = await toAttributes(sqs, settings);
  try {
    const { QueueUrl } = await callAws('CreateQueue', () =>
      sqs.send(
        new CreateQueueCommand({
          QueueName: name,
          Attributes: { ...attributes, ...(name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}) },
        }),
      ),
    );
    return required('CreateQueue', 'queue URL', QueueUrl);
  } catch (error) {
    if (!hasCode(error, QUEUE_EXISTS_CODES)) throw error;
    const { QueueUrl } = await callAws('GetQueueUrl', () =>
      sqs.send(new GetQueueUrlCommand({ QueueName: name })),
    );
    await callAws('SetQueueAttributes', () =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes })),
    );
    return required('GetQueueUrl', 'queue URL', QueueUrl);
  }
}

async function toAttributes(
  sqs: SQSClient,
  { visibilityTimeoutSeconds, retentionSeconds, deadLetters }: QueueSettings,
): Promise<Record<string, string>> {
  return {
    ...(visibilityTimeoutSeconds === undefined
      ? {}
      : { VisibilityTimeout: String(visibilityTimeoutSeconds) }),
    ...(retentionSeconds === undefined ? {} : { MessageRetentionPeriod: String(retentionSeconds) }),
    ...(deadLetters === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: await queueArn(sqs, deadLetters.queueUrl),
            maxReceiveCount: deadLetters.maxReceiveCount,
          }),
        }),
  };
}

async function queueArn(sqs: SQSClient, queueUrl: string): Promise<string> {
  const { Attributes } = await callAws('GetQueueAttributes', () =>
    sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] })),
  );
  return required('GetQueueAttributes', 'QueueArn', Attributes?.['QueueArn']);
}

async function createBucket(s3: S3Client, name: string, region: string): Promise<void> {
  try {
    await callAws('CreateBucket', () =>
      s3.send(
        new CreateBucketCommand({
          Bucket: name,
          // S3 rejects us-east-1 as a location constraint; no constraint means us-east-1.
          ...(region === 'us-east-1'
            ? {}
            : {
                CreateBucketConfiguration: {
                  LocationConstraint: region as BucketLocationConstraint,
                },
              }),
        }),
      ),
    );
  } catch (error) {
    if (!hasCode(error, BUCKET_OWNED_CODES)) throw error;
  }
}

async function createLaunchTemplate(
  ec2: EC2Client,
  template: LaunchTemplate,
): Promise<{ id: string; name: string }> {
  const { name } = template;
  const data = toTemplateData(template);
  try {
    const { LaunchTemplate } = await callAws('CreateLaunchTemplate', () =>
      ec2.send(
        new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: data }),
      ),
    );
    const id = required('CreateLaunchTemplate', 'id', LaunchTemplate?.LaunchTemplateId);
    return { id, name };
  } catch (error) {
    if (!hasCode(error, TEMPLATE_EXISTS_CODES)) throw error;
    const { LaunchTemplateVersion } = await callAws('CreateLaunchTemplateVersion', () =>
      ec2.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateName: name,
          LaunchTemplateData: data,
        }),
      ),
    );
    const id = required(
      'CreateLaunchTemplateVersion',
      'id',
      LaunchTemplateVersion?.LaunchTemplateId,
    );
    return { id, name };
  }
}

function toTemplateData(template: LaunchTemplate): RequestLaunchTemplateData {
  return {
    ImageId: template.imageId,
    // The SDK's type lists the instance types of its release; EC2 accepts newer ones.
    InstanceType: template.instanceType as _InstanceType,
    UserData: Buffer.from(template.userData).toString('base64'),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: {
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      InstanceMetadataTags: 'enabled',
    },
    ...(template.instanceProfileName === undefined
      ? {}
      : { IamInstanceProfile: { Name: template.instanceProfileName } }),
  };
}
