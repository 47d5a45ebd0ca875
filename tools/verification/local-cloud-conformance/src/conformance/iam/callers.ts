import { connectAws, type AwsClients } from '@labelfleet/testkit/aws-clients';
import type { Clients } from '../clients.ts';

const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const ec2 = (resource: string) => `arn:aws:ec2:us-east-1:000000000000:${resource}`;
const READ = allow('s3:GetObject', 'arn:aws:s3:::iam-*/read/*');
const LAUNCH = [
  allow('ec2:RunInstances', ec2('instance/*'), {
    StringEquals: { 'ec2:InstanceType': ['c7i.large'], 'aws:RequestTag/fleet': 'own' },
    ArnLike: { 'ec2:LaunchTemplate': ec2('launch-template/*') },
  }),
  allow('ec2:RunInstances', ['arn:aws:ec2:us-east-1::image/*', ec2('security-group/*')], {
    Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
  }),
  allow('ec2:RunInstances', [
    ec2('launch-template/*'),
    ec2('subnet/*'),
    ec2('network-interface/*'),
    ec2('volume/*'),
  ]),
  allow('ec2:CreateTags', ec2('instance/*'), {
    StringEquals: { 'ec2:CreateAction': 'RunInstances' },
  }),
];

/** The callers of these cases, by access key id, and the profiles of instances. */
export const POLICIES = {
  accessKeys: {
    local: policy(allow('*', '*')),
    sender: policy(
      allow(['sqs:SendMessage', 'sqs:CreateQueue'], 'arn:aws:sqs:us-east-1:000000000000:iam-*'),
      {
        Effect: 'Deny',
        Action: 'sqs:*',
        Resource: 'arn:aws:sqs:us-east-1:000000000000:iam-denied-*',
      },
    ),
    reader: policy(READ),
    lister: policy(READ, allow('s3:ListBucket', 'arn:aws:s3:::iam-*')),
    deleter: policy(allow('s3:DeleteObject', 'arn:aws:s3:::iam-*/read/*')),
    copier: policy(READ, allow('s3:PutObject', 'arn:aws:s3:::iam-*/copies/*')),
    launcher: policy(...LAUNCH),
    passer: policy(
      ...LAUNCH,
      allow('iam:PassRole', 'arn:aws:iam::000000000000:role/reading-role', {
        StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
      }),
    ),
    tagger: policy(
      allow('ec2:CreateTags', ec2('instance/*'), {
        StringEquals: { 'aws:ResourceTag/fleet': 'own' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['drain'] },
        Null: { 'aws:TagKeys': 'false' },
      }),
      allow('ec2:TerminateInstances', ec2('instance/*'), {
        StringEquals: { 'aws:ResourceTag/fleet': 'own' },
      }),
    ),
  },
  profiles: { reading: { role: 'reading-role', policy: policy(READ) } },
};

/** Calls as another caller, whose clients end with the call. */
export async function as<T>(
  { endpoint }: Clients,
  accessKeyId: keyof typeof POLICIES.accessKeys | (string & {}),
  call: (clients: AwsClients) => Promise<T>,
): Promise<T> {
  using clients = connectAws(endpoint, accessKeyId);
  return await call(clients);
}
