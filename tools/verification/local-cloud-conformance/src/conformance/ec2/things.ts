import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { describeOne, launch, launchOne, setTag, tagged } from '@labelfleet/testkit/test-instances';
import type { Table } from '../case.ts';
import { ec2Api } from '../sources.ts';

export const thingsTable: Table = {
  title: 'EC2',
  cases: [
    {
      id: 'ec2-tags',
      sentence: 'adds, replaces and deletes tags',
      source: ec2Api('CreateTags'),
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, { TagSpecifications: tagged('a', '1') });
        await setTag(clients, id, 'a', '2');
        await setTag(clients, id, 'b', '');
        await setTag(clients, id, 'c', '3');
        const tags = { Resources: [id], Tags: [{ Key: 'c' }] };
        await clients.ec2.send(new DeleteTagsCommand(tags));
        const reserved = setTag(clients, id, 'aws:own', '1');
        await expectError(reserved, 'InvalidParameterValue');
        const instance = await describeOne(clients, id);
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
        const first = () => clients.ec2.send(new CreateLaunchTemplateCommand(create('m7i.large')));
        await first();
        await expectError(first(), 'InvalidLaunchTemplateName.AlreadyExistsException');
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
        const [launched] = await launch(clients, {
          ImageId: undefined,
          LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
        });
        expect(launched?.InstanceType).toBe('c7i.large');
        const missing = launch(clients, { LaunchTemplate: { LaunchTemplateName, Version: '3' } });
        await expectError(missing, 'InvalidLaunchTemplateId.VersionNotFound');
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
        const notServed = (call: Promise<unknown>, what: string) =>
          expectError(call, 'NotImplemented', 501, `The ${what} is not served by local-cloud.`);
        const { ec2 } = clients;
        await notServed(ec2.send(new DescribeVpcsCommand({})), 'EC2 action DescribeVpcs');
        const stop = ec2.send(new StopInstancesCommand({ InstanceIds: ['i-1'] }));
        await notServed(stop, 'EC2 action StopInstances');
        const disk = { DeviceName: '/dev/sda', Ebs: { SnapshotId: 'snap-1' } };
        await notServed(
          launch(clients, { BlockDeviceMappings: [disk] }),
          'parameter BlockDeviceMapping.0.Ebs.SnapshotId of RunInstances',
        );
        const kept = { DeviceName: '/dev/sda', Ebs: { DeleteOnTermination: false } };
        const refused = launch(clients, { BlockDeviceMappings: [kept] });
        await expect(refused).rejects.toThrow('Only disks that end with their instance are served');
      },
    },
  ],
};
