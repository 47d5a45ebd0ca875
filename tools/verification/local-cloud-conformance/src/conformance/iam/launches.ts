import { CreateLaunchTemplateCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';

import { uniqueName, type AwsClients } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { launch, launchOne, setTag, tagged, terminate } from '@labelfleet/testkit/test-instances';
import { startingWith, type Table } from '../case.ts';
import { ec2Guide } from '../sources.ts';
import { as } from './callers.ts';

const EXAMPLES = ec2Guide('ExamplePolicies_EC2');
const UNAUTHORIZED = 'UnauthorizedOperation';
const says = (text: string) => expect.stringContaining(text) as unknown;

/** Cases that start with a launch template. */
const withTemplate = startingWith(async ({ ec2, imageId }) => {
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: uniqueName('template'),
      LaunchTemplateData: {
        ImageId: imageId,
        InstanceType: 'c7i.large',
        SecurityGroupIds: ['sg-00000000000000001'],
      },
    }),
  );
  const allowed: Partial<RunInstancesCommandInput> = {
    LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId },
    SubnetId: 'subnet-0000000000000000a',
    TagSpecifications: tagged('fleet', 'own'),
    ImageId: undefined,
  };
  return {
    allowed,
    /** Launches with the allowed parameters and more. */
    launching: (more: Partial<RunInstancesCommandInput>) => (caller: Pick<AwsClients, 'ec2'>) =>
      launch({ ...caller, imageId }, { ...allowed, ...more }),
  };
});

export const launchPoliciesTable: Table = {
  title: 'a policy for launches',
  cases: [
    ...withTemplate(
      {
        id: 'iam-launch',
        sentence: 'is asked for every resource of a launch, with the conditions of each',
        source: EXAMPLES,
        needs: ['local'],
        run: async ({ launching, ...clients }) => {
          expect(await as(clients, 'launcher', launching({}))).toHaveLength(1);
          for (const [more, resource] of [
            [{ InstanceType: 'c7i.xlarge' }, ':instance/*'],
            [{ TagSpecifications: tagged('fleet', 'other') }, ':instance/*'],
            [{ ImageId: clients.imageId }, `::image/${clients.imageId}`],
            [
              { SecurityGroupIds: ['sg-00000000000000002'] },
              ':security-group/sg-00000000000000002',
            ],
            [{ LaunchTemplate: undefined, ImageId: clients.imageId }, ':instance/*'],
            [{ InstanceMarketOptions: { MarketType: 'spot' } }, ':spot-instances-request/*'],
          ] as const) {
            await expectError(
              as(clients, 'launcher', launching(more as Partial<RunInstancesCommandInput>)),
              UNAUTHORIZED,
              403,
              says(`${resource} because`),
            );
          }
        },
      },
      {
        id: 'iam-launch-tags',
        sentence: 'must allow CreateTags for what a launch tags',
        source: ec2Guide('supported-iam-actions-tagging'),
        needs: ['local'],
        run: async ({ launching, ...clients }) => {
          const Tags = [{ Key: 'fleet', Value: 'own' }];
          const TagSpecifications = [
            { ResourceType: 'instance' as const, Tags },
            { ResourceType: 'volume' as const, Tags },
          ];
          const tagsVolume = as(clients, 'launcher', launching({ TagSpecifications }));
          await expectError(
            tagsVolume,
            UNAUTHORIZED,
            403,
            says('ec2:CreateTags on resource: arn:aws:ec2:us-east-1:000000000000:volume/*'),
          );
        },
      },
      {
        id: 'iam-pass-role',
        sentence: 'must allow PassRole on the role of the profile that a launch names',
        source: ec2Guide('iam-roles-for-amazon-ec2'),
        needs: ['local'],
        run: async ({ launching, ...clients }) => {
          const reading = launching({ IamInstanceProfile: { Name: 'reading' } });
          expect(await as(clients, 'passer', reading)).toHaveLength(1);
          await expectError(
            as(clients, 'launcher', reading),
            UNAUTHORIZED,
            403,
            says('iam:PassRole on resource: arn:aws:iam::000000000000:role/reading-role'),
          );
          const other = as(clients, 'passer', launching({ IamInstanceProfile: { Name: 'other' } }));
          await expectError(other, UNAUTHORIZED, 403);
        },
      },
    ),
    {
      id: 'iam-resource-tags',
      sentence: 'may depend on the tags of an instance and on the keys that a call sets',
      source: EXAMPLES,
      needs: ['local'],
      run: async (clients) => {
        const own = await launchOne(clients, { TagSpecifications: tagged('fleet', 'own') });
        const other = await launchOne(clients, { TagSpecifications: tagged('fleet', 'other') });
        await as(clients, 'tagger', (caller) => setTag(caller, own, 'drain', 'now'));
        for (const [id, key] of [
          [own, 'Name'],
          [other, 'drain'],
        ] as const) {
          const tags = as(clients, 'tagger', (caller) => setTag(caller, id, key, 'now'));
          await expectError(tags, UNAUTHORIZED, 403, says(`instance/${id}`));
        }
        await as(clients, 'tagger', (caller) => terminate(caller, own));
        await expectError(
          as(clients, 'tagger', (caller) => terminate(caller, other)),
          UNAUTHORIZED,
          403,
        );
      },
    },
  ],
};
