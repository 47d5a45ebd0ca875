import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type RequestLaunchTemplateData,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import {
  describeOne,
  idsOf,
  launch,
  launchOne,
  tagged,
  terminate,
  untilState,
} from '@labelfleet/testkit/test-instances';
import { refusals, type Table } from '../case.ts';
import { ec2Api, ec2DevGuide, ec2Guide } from '../sources.ts';
import { describeAll } from './describe.ts';

export const runTable: Table = {
  title: 'RunInstances',
  cases: [
    {
      id: 'ec2-run-count',
      sentence: 'launches MaxCount instances in one reservation, with their tags',
      source: ec2Api('RunInstances'),
      needs: ['processes'],
      run: async (clients) => {
        const value = uniqueName('fleet');
        const launched = await launch(clients, {
          MaxCount: 3,
          TagSpecifications: tagged('fleet', value),
        });
        expect(new Set(idsOf(launched)).size).toBe(3);
        expect(launched.map(({ AmiLaunchIndex }) => AmiLaunchIndex)).toEqual([0, 1, 2]);
        expect(launched[0]?.Tags).toEqual([{ Key: 'fleet', Value: value }]);
        const { ids } = await describeAll(clients, 'tag:fleet', value);
        expect(ids).toEqual(idsOf(launched));
      },
    },
    {
      id: 'ec2-run-token',
      sentence: 'answers a repeated client token with the same instances',
      source: ec2DevGuide('ec2-api-idempotency'),
      needs: ['instances'],
      run: async (clients) => {
        const parameters = { ClientToken: uniqueName('token'), MaxCount: 2 };
        const ids = idsOf(await launch(clients, parameters));
        expect(idsOf(await launch(clients, parameters))).toEqual(ids);
      },
    },
    {
      id: 'ec2-run-token-mismatch',
      sentence: 'refuses a client token with other parameters',
      source: ec2DevGuide('ec2-api-idempotency'),
      needs: ['instances'],
      run: async (clients) => {
        const ClientToken = uniqueName('token');
        await launch(clients, { ClientToken });
        const again = launch(clients, { ClientToken, MaxCount: 2 });
        await expectError(again, 'IdempotentParameterMismatch');
      },
    },
    {
      id: 'ec2-run-token-terminated',
      sentence: 'refuses a client token whose instances have been terminated',
      source: ec2DevGuide('errors-overview'),
      needs: ['instances'],
      run: async (clients) => {
        const parameters = { ClientToken: uniqueName('token') };
        const id = await launchOne(clients, parameters);
        await terminate(clients, id);
        await untilState(clients, id, 'terminated');
        await expectError(launch(clients, parameters), 'IdempotentInstanceTerminated');
      },
    },
    {
      id: 'ec2-run-template',
      sentence: 'takes what is not said from its launch template',
      source: ec2Guide('ec2-launch-templates'),
      needs: ['processes'],
      run: async (clients) => {
        const LaunchTemplateName = uniqueName('template');
        await clients.ec2.send(
          new CreateLaunchTemplateCommand({
            LaunchTemplateName,
            LaunchTemplateData: {
              ImageId: clients.imageId,
              InstanceType: 'c7i.large',
              TagSpecifications: tagged('from', 'template'),
              IamInstanceProfile: { Name: 'worker' },
            },
          }),
        );
        const [launched] = await launch(clients, {
          ImageId: undefined,
          LaunchTemplate: { LaunchTemplateName, Version: '1' },
          SubnetId: 'subnet-0000000000000000b',
          InstanceMarketOptions: {
            MarketType: 'spot',
            SpotOptions: { SpotInstanceType: 'one-time' },
          },
          TagSpecifications: tagged('own', 'yes'),
        });
        expect(launched).toMatchObject({
          ImageId: clients.imageId,
          InstanceType: 'c7i.large',
          InstanceLifecycle: 'spot',
          Placement: { AvailabilityZone: 'us-east-1b' },
          SubnetId: 'subnet-0000000000000000b',
          IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/worker' },
        });
        expect(launched?.Tags).toEqual(
          expect.arrayContaining([
            { Key: 'from', Value: 'template' },
            { Key: 'own', Value: 'yes' },
          ]),
        );
      },
    },
    {
      id: 'ec2-run-template-tags',
      sentence: 'tags an instance with the id and the version number of its launch template',
      source: ec2Guide('launch-instances-from-launch-template'),
      needs: ['processes'],
      run: async (clients) => {
        const LaunchTemplateName = uniqueName('template');
        const { LaunchTemplate: made } = await clients.ec2.send(
          new CreateLaunchTemplateCommand({
            LaunchTemplateName,
            LaunchTemplateData: { ImageId: clients.imageId },
          }),
        );
        await clients.ec2.send(
          new CreateLaunchTemplateVersionCommand({
            LaunchTemplateName,
            SourceVersion: '1',
            LaunchTemplateData: { InstanceType: 'c7i.large' },
          }),
        );
        const [launched] = await launch(clients, {
          ImageId: undefined,
          LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
        });
        expect(launched?.Tags).toEqual(
          expect.arrayContaining([
            { Key: 'aws:ec2launchtemplate:id', Value: made?.LaunchTemplateId },
            { Key: 'aws:ec2launchtemplate:version', Value: '2' },
          ]),
        );
        await clients.ec2.send(new DeleteTagsCommand({ Resources: [launched?.InstanceId ?? ''] }));
        const left = await describeOne(clients, launched?.InstanceId ?? '');
        expect(left?.Tags).toHaveLength(2);
      },
    },
    {
      id: 'ec2-run-disk',
      sentence: 'takes the disk of its launch template, and shows it in the template',
      source: ec2Api('RequestLaunchTemplateData'),
      needs: ['processes'],
      run: async (clients) => {
        const LaunchTemplateName = uniqueName('template');
        const disk = {
          DeviceName: '/dev/xvda',
          Ebs: {
            VolumeSize: 8,
            VolumeType: 'gp3' as const,
            Encrypted: false,
            DeleteOnTermination: true,
          },
        };
        await clients.ec2.send(
          new CreateLaunchTemplateCommand({
            LaunchTemplateName,
            LaunchTemplateData: {
              ImageId: clients.imageId,
              BlockDeviceMappings: [disk],
              Monitoring: { Enabled: false },
            },
          }),
        );
        const { LaunchTemplateVersions } = await clients.ec2.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName }),
        );
        expect(LaunchTemplateVersions).toMatchObject([
          { LaunchTemplateData: { BlockDeviceMappings: [disk], Monitoring: { Enabled: false } } },
        ]);
        const [launched] = await launch(clients, {
          ImageId: undefined,
          LaunchTemplate: { LaunchTemplateName },
        });
        expect(launched?.Monitoring?.State).toBe('disabled');
      },
    },
    {
      id: 'ec2-template-data',
      sentence: 'keeps every parameter of a launch template as it was given',
      source: ec2Api('ResponseLaunchTemplateData'),
      needs: ['instances'],
      run: async (clients) => {
        const LaunchTemplateName = uniqueName('template');
        const LaunchTemplateData: RequestLaunchTemplateData = {
          ImageId: clients.imageId,
          InstanceType: 'c7i.large',
          KeyName: 'key',
          UserData: 'QT0x',
          IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/worker' },
          InstanceInitiatedShutdownBehavior: 'terminate',
          InstanceMarketOptions: {
            MarketType: 'spot',
            SpotOptions: {
              SpotInstanceType: 'one-time',
              InstanceInterruptionBehavior: 'terminate',
              MaxPrice: '0.1',
            },
          },
          DisableApiTermination: false,
          EbsOptimized: true,
          Monitoring: { Enabled: false },
          SecurityGroupIds: ['sg-00000000000000001'],
          BlockDeviceMappings: [
            {
              DeviceName: '/dev/xvda',
              Ebs: {
                VolumeSize: 8,
                VolumeType: 'gp3',
                Encrypted: false,
                DeleteOnTermination: true,
              },
            },
          ],
          MetadataOptions: {
            HttpEndpoint: 'enabled',
            HttpTokens: 'required',
            HttpPutResponseHopLimit: 1,
            HttpProtocolIpv6: 'disabled',
            InstanceMetadataTags: 'enabled',
          },
          TagSpecifications: [
            { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'worker' }] },
            { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'worker' }] },
          ],
        };
        await clients.ec2.send(
          new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }),
        );
        const { LaunchTemplateVersions } = await clients.ec2.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName }),
        );
        expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject(LaunchTemplateData);
      },
    },
    ...refusals(
      {
        prefix: 'ec2-run-refuses',
        sentence: (what) => `refuses ${what}`,
        source: ec2DevGuide('errors-overview'),
        needs: ['instances'],
        call: (clients, parameters: Partial<RunInstancesCommandInput>) =>
          launch(clients, parameters),
      },
      [
        [
          'image',
          'an image that does not exist',
          { ImageId: 'ami-00000000000000001' },
          'InvalidAMIID.NotFound',
        ],
        ['no-image', 'no image', { ImageId: undefined }, 'MissingParameter'],
        [
          'subnet',
          'a subnet that does not exist',
          { SubnetId: 'subnet-00000000000000001' },
          'InvalidSubnetID.NotFound',
        ],
        [
          'aws-tag',
          'a tag key that begins with aws:',
          { TagSpecifications: tagged('aws:ec2launchtemplate:version', '9') },
          'InvalidParameterValue',
        ],
        ['counts', 'MinCount over MaxCount', { MinCount: 2 }, 'InvalidParameterValue'],
        [
          'template',
          'a template that does not exist',
          { LaunchTemplate: { LaunchTemplateId: 'lt-00000000000000001' } },
          'InvalidLaunchTemplateId.NotFound',
        ],
      ],
    ),
  ],
};
