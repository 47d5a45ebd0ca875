import { DescribeInstanceStatusCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { uniqueName } from '../clients.ts';
import { ec2Api, ec2DevGuide, ec2Guide } from '../sources.ts';
import {
  run,
  describeOne,
  until,
  terminate,
  describeIds,
  idsOf,
  tagged,
} from './test-instances.ts';

export const describeTable: Table = {
  title: 'DescribeInstances',
  cases: [
    {
      id: 'ec2-filters',
      sentence: 'filters by state and tag, with wildcards',
      source: ec2Guide('Using_Filtering'),
      needs: ['processes'],
      run: async (clients) => {
        const value = uniqueName('filter');
        const [launched] = await run(clients, { TagSpecifications: tagged('filter', value) });
        const id = launched?.InstanceId;
        await until(clients, id, 'running');
        expect(await describeIds(clients, 'tag:filter', `${value.slice(0, 4)}*`)).toContain(id);
        expect(await describeIds(clients, 'instance-state-name', 'running')).toContain(id);
        expect(await describeIds(clients, 'instance-state-name', 'pending')).not.toContain(id);
        expect(await describeIds(clients, 'tag-key', 'filter')).toContain(id);
      },
    },
    {
      id: 'ec2-pages',
      sentence: 'gives pages of MaxResults',
      source: ec2Api('DescribeInstances'),
      needs: ['processes'],
      run: async (clients) => {
        const value = uniqueName('pages');
        const launched = await run(clients, {
          MaxCount: 12,
          TagSpecifications: tagged('pages', value),
        });
        const seen: (string | undefined)[] = [];
        const sizes: number[] = [];
        let NextToken: string | undefined;
        do {
          const answer = await clients.ec2.send(
            new DescribeInstancesCommand({
              MaxResults: 5,
              NextToken,
              Filters: [{ Name: 'tag:pages', Values: [value] }],
            }),
          );
          const page = (answer.Reservations ?? []).flatMap(({ Instances = [] }) =>
            idsOf(Instances),
          );
          seen.push(...page);
          sizes.push(page.length);
          NextToken = answer.NextToken;
        } while (NextToken !== undefined);
        expect(seen).toEqual(idsOf(launched));
        expect(sizes).toEqual([5, 5, 2]);
        await terminate(clients, ...seen);
      },
    },
    {
      id: 'ec2-pages-limits',
      sentence: 'refuses MaxResults with ids, and below 5',
      source: ec2Api('DescribeInstances'),
      needs: ['instances'],
      run: async (clients) => {
        await expect(
          clients.ec2.send(
            new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: ['i-00000000000000001'] }),
          ),
        ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
        await expect(
          clients.ec2.send(new DescribeInstancesCommand({ MaxResults: 4 })),
        ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
      },
    },
    {
      id: 'ec2-missing',
      sentence: 'refuses an id that does not exist',
      source: ec2DevGuide('errors-overview'),
      needs: ['instances'],
      run: async (clients) => {
        await expect(describeOne(clients, 'i-00000000000000001')).rejects.toMatchObject({
          name: 'InvalidInstanceID.NotFound',
        });
        await expect(describeOne(clients, 'nonsense')).rejects.toMatchObject({
          name: 'InvalidInstanceID.Malformed',
        });
      },
    },
    {
      id: 'ec2-status',
      sentence:
        'has a sister, DescribeInstanceStatus, which shows running instances only, unless asked for all',
      source: ec2Api('DescribeInstanceStatus'),
      needs: ['processes'],
      run: async (clients) => {
        const [launched] = await run(clients, {
          ImageId: 'ami-ends',
          InstanceInitiatedShutdownBehavior: 'terminate',
        });
        await until(clients, launched?.InstanceId, 'terminated');
        const InstanceIds = [launched?.InstanceId ?? ''];
        const running = await clients.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds }));
        expect(running.InstanceStatuses).toEqual([]);
        const all = await clients.ec2.send(
          new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }),
        );
        expect(all.InstanceStatuses).toHaveLength(1);
      },
    },
  ],
};
