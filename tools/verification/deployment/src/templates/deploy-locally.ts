import {
  CreateLaunchTemplateCommand,
  type RequestLaunchTemplateData,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { AwsClients } from '@labelfleet/testkit/aws-clients';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { APPS, type App } from '../packs.ts';
import type { Assembly, Template } from './assembly.ts';
import { resolve, resolveText, type Names } from './resolve.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** The image that instances boot, as the local cloud's images name it. */
export const IMAGE = 'ami-0123456789abcdef0';

/** An identity policy, as far as it is read here. */
export interface Policy {
  Statement: { Sid?: string; Resource: string | string[] }[];
}

/** A deployment in the local cloud. */
export interface Deployed {
  /** The variables in the user data of each app's instances. */
  environment: Record<App, Record<string, string | undefined>>;
  /** The identity policy of each role. */
  policies: Record<App, Policy>;
  workers: {
    templateId: string;
    data: RequestLaunchTemplateData;
    /** The names of the instance profile and its role. */
    profile: string;
    role: string;
  };
}

/**
 * Creates what the apps use in the local cloud as CloudFormation would: queues, buckets, uploaded packs and the launch
 * template of workers. The rest, such as the network and the alarms, gets names only.
 * @param change of the workers' launch template
 */
export async function deployLocally(
  { data, run, files }: Assembly,
  clients: AwsClients,
  change: (data: RequestLaunchTemplateData) => RequestLaunchTemplateData,
): Promise<Deployed> {
  const pseudo = {
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/labelfleet-run/1`,
  };
  const dataNames = await createData(data, pseudo, clients);
  const exports = Object.fromEntries(
    Object.values(data.Outputs).flatMap(({ Value, Export }) =>
      Export === undefined ? [] : [[Export.Name, resolveText(Value, dataNames)]],
    ),
  );
  const images = Object.entries(run.Parameters).flatMap(([name, { Type }]) =>
    Type.endsWith('<AWS::EC2::Image::Id>') ? [[name, IMAGE] as const] : [],
  );
  const names = named(run, { ...pseudo, ...Object.fromEntries(images) }, exports);

  for (const { file, bucketName, objectKey } of files) {
    const Bucket = resolveText({ 'Fn::Sub': bucketName }, names);
    await clients.s3.send(new CreateBucketCommand({ Bucket }));
    const Body = await readFile(file);
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: objectKey, Body }));
  }

  const workers = only(run, 'AWS::EC2::LaunchTemplate', /^Worker/);
  const resolved = resolve(workers.Properties, names) as {
    LaunchTemplateData: RequestLaunchTemplateData;
    TagSpecifications: TagSpecification[];
  };
  const { TagSpecifications } = resolved;
  const LaunchTemplateData = change(resolved.LaunchTemplateData);
  const { LaunchTemplate } = await clients.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: workers.id,
      LaunchTemplateData,
      TagSpecifications,
    }),
  );
  const templateId = LaunchTemplate?.LaunchTemplateId ?? '';
  const complete = { ...names, refs: { ...names.refs, [workers.id]: templateId } };

  const profile = only(run, 'AWS::IAM::InstanceProfile', /^Worker/);
  const [role] = profile.Properties['Roles'] as unknown[];

  const of = <Value>(get: (app: App) => Value) =>
    Object.fromEntries(APPS.map((app) => [app, get(app)])) as Record<App, Value>;
  return {
    environment: of((app) => {
      const { Properties } = only(run, 'AWS::EC2::LaunchTemplate', new RegExp(`^${app}`, 'i'));
      const { UserData } = Properties['LaunchTemplateData'] as { UserData: unknown };
      return parseEnv(Buffer.from(resolveText(UserData, complete), 'base64').toString());
    }),
    policies: of((app) => {
      const { Properties } = only(run, 'AWS::IAM::Policy', new RegExp(`^${app}role`));
      return resolve(Properties['PolicyDocument'], complete) as Policy;
    }),
    workers: {
      templateId,
      data: LaunchTemplateData,
      profile: profile.id,
      role: resolveText(role, complete),
    },
  };
}

async function createData(
  data: Template,
  refs: Names['refs'],
  { s3, sqs }: AwsClients,
): Promise<Names> {
  let names = named(data, refs, {});
  for (const [id, { Type, Properties }] of Object.entries(data.Resources)) {
    if (Type === 'AWS::S3::Bucket') {
      await s3.send(new CreateBucketCommand({ Bucket: names.refs[id] }));
    } else if (Type === 'AWS::SQS::Queue') {
      // Dead-letter queues come before the queues that name them. The local cloud has no encryption.
      const { QueueName } = Properties;
      const Attributes = Object.fromEntries(
        Object.entries(Properties)
          .filter(([name]) => !['QueueName', 'SqsManagedSseEnabled'].includes(name))
          .map(([name, value]) => [name, JSON.stringify(resolve(value, names))]),
      );
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({ QueueName: String(QueueName), Attributes }),
      );
      names = { ...names, refs: { ...names.refs, [id]: QueueUrl ?? '' } };
    }
  }
  return names;
}

/** The names of a template's resources that follow from their type; those that the local cloud gives come later. */
function named(template: Template, given: Names['refs'], exports: Names['exports']): Names {
  const refs: Record<string, string> = { ...given };
  const attributes: Record<string, string> = {};
  let subnets = 0;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    switch (Type) {
      case 'AWS::S3::Bucket':
        refs[id] = `labelfleet-${id.toLowerCase()}`;
        attributes[`${id}.Arn`] = `arn:aws:s3:::${refs[id]}`;
        break;
      case 'AWS::SQS::Queue':
        attributes[`${id}.QueueName`] = String(Properties['QueueName']);
        attributes[`${id}.Arn`] =
          `arn:aws:sqs:${REGION}:${ACCOUNT}:${String(Properties['QueueName'])}`;
        break;
      case 'AWS::IAM::Role':
        refs[id] = id;
        attributes[`${id}.Arn`] = `arn:aws:iam::${ACCOUNT}:role/${id}`;
        break;
      case 'AWS::IAM::InstanceProfile':
        refs[id] = id;
        attributes[`${id}.Arn`] = `arn:aws:iam::${ACCOUNT}:instance-profile/${id}`;
        break;
      case 'AWS::EC2::SecurityGroup':
        attributes[`${id}.GroupId`] = `sg-${id.toLowerCase()}`;
        break;
      case 'AWS::EC2::Subnet':
        // The local cloud has a subnet in each of three zones.
        refs[id] = `subnet-0000000000000000${'abc'.charAt(subnets++)}`;
        break;
      case 'AWS::EC2::EIP':
        attributes[`${id}.AllocationId`] = `eipalloc-${id.toLowerCase()}`;
        attributes[`${id}.PublicIp`] = '203.0.113.9';
    }
  }
  return { refs, attributes, exports };
}

/** The one resource of this type whose logical id matches. @throws Error if there are none or several */
function only(template: Template, type: string, id: RegExp) {
  const found = Object.entries(template.Resources).filter(
    ([name, { Type }]) => Type === type && id.test(name),
  );
  const [[name, resource] = []] = found;
  if (found.length !== 1 || name === undefined || resource === undefined) {
    throw new Error(`the template has ${found.length} ${type} whose names match ${id.source}`);
  }
  return { id: name, ...resource };
}
