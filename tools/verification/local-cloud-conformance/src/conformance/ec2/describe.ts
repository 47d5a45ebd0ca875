import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
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
import type { Table } from '../case.ts';
import type { Clients } from '../clients.ts';
import { ec2Api, ec2DevGuide, ec2Guide } from '../sources.ts';

/** A page of the instances that match a filter. */
export async function describeAll(
  { ec2 }: Clients,
  filter: string,
  value: string,
  page: { MaxResults?: number; NextToken?: string | undefined } = {},
): Promise<{ ids: string[]; NextToken: string | undefined }> {
  const Filters = [{ Name: filter, Values: [value] }];
  const { Reservations = [], NextToken } = await ec2.send(
    new DescribeInstancesCommand({ Filters, ...page }),
  );
  return { ids: idsOf(Reservations.flatMap(({ Instances = [] }) => Instances)), NextToken };
}

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
        const id = await launchOne(clients, { TagSpecifications: tagged('filter', value) });
        await untilState(clients, id, 'running');
        for (const [filter, match, found] of [
          ['tag:filter', `${value.slice(0, 4)}*`, true],
          ['instance-state-name', 'running', true],
          ['instance-state-name', 'pending', false],
          ['tag-key', 'filter', true],
        ] as const) {
          const { ids } = await describeAll(clients, filter, match);
          expect([filter, match, ids.includes(id)]).toEqual([filter, match, found]);
        }
      },
    },
    {
      id: 'ec2-pages',
      sentence: 'gives pages of MaxResults',
      source: ec2Api('DescribeInstances'),
      needs: ['processes'],
      run: async (clients) => {
        const value = uniqueName('pages');
        const TagSpecifications = tagged('pages', value);
        const launched = await launch(clients, { MaxCount: 12, TagSpecifications });
        const pages: string[][] = [];
        let NextToken: string | undefined;
        do {
          const asked = { MaxResults: 5, NextToken };
          const page = await describeAll(clients, 'tag:pages', value, asked);
          pages.push(page.ids);
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        expect(pages.flat()).toEqual(idsOf(launched));
        expect(pages.map(({ length }) => length)).toEqual([5, 5, 2]);
        await terminate(clients, ...idsOf(launched));
      },
    },
    {
      id: 'ec2-pages-limits',
      sentence: 'refuses MaxResults with ids, and below 5',
      source: ec2Api('DescribeInstances'),
      needs: ['instances'],
      run: async ({ ec2 }) => {
        const refused = (input: DescribeInstancesCommandInput, error: string) =>
          expectError(ec2.send(new DescribeInstancesCommand(input)), error);
        const InstanceIds = ['i-00000000000000001'];
        await refused({ MaxResults: 5, InstanceIds }, 'InvalidParameterCombination');
        await refused({ MaxResults: 4 }, 'InvalidParameterValue');
      },
    },
    {
      id: 'ec2-missing',
      sentence: 'refuses an id that does not exist',
      source: ec2DevGuide('errors-overview'),
      needs: ['instances'],
      run: async (clients) => {
        const missing = describeOne(clients, 'i-00000000000000001');
        await expectError(missing, 'InvalidInstanceID.NotFound');
        await expectError(describeOne(clients, 'nonsense'), 'InvalidInstanceID.Malformed');
      },
    },
    {
      id: 'ec2-status',
      sentence:
        'has a sister, DescribeInstanceStatus, which shows running instances only, unless asked for all',
      source: ec2Api('DescribeInstanceStatus'),
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, {
          ImageId: 'ami-ends',
          InstanceInitiatedShutdownBehavior: 'terminate',
        });
        await untilState(clients, id, 'terminated');
        const statuses = async (IncludeAllInstances: boolean | undefined) => {
          const input = { InstanceIds: [id], IncludeAllInstances };
          return (await clients.ec2.send(new DescribeInstanceStatusCommand(input)))
            .InstanceStatuses;
        };
        expect(await statuses(undefined)).toEqual([]);
        expect(await statuses(true)).toHaveLength(1);
      },
    },
  ],
};
