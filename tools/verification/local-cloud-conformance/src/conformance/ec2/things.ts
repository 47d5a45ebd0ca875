import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { uniqueName } from '../clients.ts';
import { ec2Api } from '../sources.ts';
import { run, describeOne, tagged } from './test-instances.ts';

export const thingsTable: Table = {
  title: 'EC2',
  cases: [
    {
      id: 'ec2-tags',
      sentence: 'adds, replaces and deletes tags',
      source: ec2Api('CreateTags'),
      needs: ['processes'],
      run: async (clients) => {
        const [launched] = await run(clients, { TagSpecifications: tagged('a', '1') });
        const Resources = [launched?.InstanceId ?? ''];
        const add = (Key: string, Value: string) =>
          clients.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
        await add('a', '2');
        await add('b', '');
        await add('c', '3');
        await clients.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'c' }] }));
        const instance = await describeOne(clients, launched?.InstanceId);
        expect(instance?.Tags).toEqual([
          { Key: 'a', Value: '2' },
          { Key: 'b', Value: '' },
        ]);
      },
    },
    {
      id: 'ec2-templates',
      sentence: 'keeps versions of launch templates, which have a name of their own',
      source: ec2Api('CreateLaunchTemplateVersion'),
      needs: ['processes'],
      run: async (clients) => {
        const LaunchTemplateName = uniqueName('versions');
        const create = (InstanceType: 'm7i.large' | 'c7i.large') => ({
          LaunchTemplateName,
          LaunchTemplateData: { ImageId: clients.imageId, InstanceType, UserData: 'QT0x' },
        });
        await clients.ec2.send(new CreateLaunchTemplateCommand(create('m7i.large')));
        await expect(
          clients.ec2.send(new CreateLaunchTemplateCommand(create('m7i.large'))),
        ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.AlreadyExistsException' });
        await clients.ec2.send(new CreateLaunchTemplateVersionCommand(create('c7i.large')));
        const { LaunchTemplates } = await clients.ec2.send(
          new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }),
        );
        expect(LaunchTemplates).toMatchObject([
          { DefaultVersionNumber: 1, LatestVersionNumber: 2 },
        ]);
        const { LaunchTemplateVersions } = await clients.ec2.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ['$Latest'] }),
        );
        expect(LaunchTemplateVersions).toMatchObject([
          { VersionNumber: 2, LaunchTemplateData: { InstanceType: 'c7i.large', UserData: 'QT0x' } },
        ]);
        const [launched] = await run(clients, {
          ImageId: undefined,
          LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
        });
        expect(launched?.InstanceType).toBe('c7i.large');
        await expect(
          run(clients, { LaunchTemplate: { LaunchTemplateName, Version: '3' } }),
        ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' });
      },
    },
    {
      id: 'ec2-places',
      sentence: 'has a subnet in each of three zones, and an image per command',
      needs: ['local'],
      run: async (clients) => {
        const { Subnets = [] } = await clients.ec2.send(new DescribeSubnetsCommand({}));
        expect(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
          'us-east-1a',
          'us-east-1b',
          'us-east-1c',
        ]);
        const { Images = [] } = await clients.ec2.send(
          new DescribeImagesCommand({ ImageIds: [clients.imageId] }),
        );
        expect(Images).toMatchObject([{ ImageId: clients.imageId, State: 'available' }]);
      },
    },
    {
      id: 'ec2-not-served',
      sentence: 'answers 501 to what is not served, and says so',
      needs: ['local'],
      run: async (clients) => {
        await expect(clients.ec2.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
          name: 'NotImplemented',
          message: 'The EC2 action DescribeVpcs is not served by local-cloud.',
          $metadata: { httpStatusCode: 501 },
        });
        await expect(
          clients.ec2.send(new StopInstancesCommand({ InstanceIds: ['i-1'] })),
        ).rejects.toMatchObject({ name: 'NotImplemented' });
        await expect(
          run(clients, { BlockDeviceMappings: [{ DeviceName: '/dev/sda' }] }),
        ).rejects.toMatchObject({
          name: 'NotImplemented',
          message: 'The parameter BlockDeviceMapping of RunInstances is not served by local-cloud.',
        });
      },
    },
  ],
};
