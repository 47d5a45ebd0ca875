import { expect, test } from 'vitest';

import { parseQuery } from './query-protocol.ts';

test('parses structures, and lists sorted by the numbers of their members', () => {
  const body = [
    'Action=DescribeInstances',
    'Version=2016-11-15',
    'Filter.2.Name=tag%3Aa+b',
    'Filter.10.Name=last',
    'Filter.1.Name=first',
    'Filter.1.Value.2=two',
    'Filter.1.Value.1=one',
    'Placement.AvailabilityZone=us-east-1a',
  ].join('&');
  expect(parseQuery(body)).toEqual({
    action: 'DescribeInstances',
    parameters: {
      Filter: [{ Name: 'first', Value: ['one', 'two'] }, { Name: 'tag:a b' }, { Name: 'last' }],
      Placement: { AvailabilityZone: 'us-east-1a' },
    },
  });
});

test('parses a call without parameters', () => {
  expect(parseQuery('Action=DescribeSubnets')).toEqual({
    action: 'DescribeSubnets',
    parameters: {},
  });
});
