import { expect, test } from 'vitest';
import { describeCall } from './calls.ts';

test.each([
  {
    action: 'sqs:ReceiveMessage',
    facts: { queue: ['labelfleet-requests'], caller: ['ASIALOCAL0A1B2C3D'] },
    app: 'worker',
    service: 'sqs',
  },
  {
    action: 'sqs:SendMessageBatch',
    facts: { queue: ['labelfleet-requests'], caller: ['local'] },
    app: 'gateway',
    service: 'sqs',
  },
  {
    action: 'sqs:GetQueueAttributes',
    facts: { queue: ['labelfleet-requests'], caller: ['local'] },
    app: 'scaler',
    service: 'sqs',
  },
  {
    action: 's3:PutObject',
    facts: { bucket: ['labelfleet-input'], key: ['k'], caller: ['local'] },
    app: 'gateway',
    service: 's3',
  },
  {
    action: 's3:PutObject',
    facts: { bucket: ['labelfleet-state'], key: ['k'], caller: ['local'] },
    app: 'scaler',
    service: 's3',
  },
  { action: 'ec2:DescribeInstances', facts: { caller: ['local'] }, app: 'scaler', service: 'ec2' },
])('takes $action for a call of the $app to $service', ({ action, facts, app, service }) => {
  const found: Record<string, string[]> = Object.fromEntries(Object.entries(facts));
  expect(describeCall({ action, facts: found })).toMatchObject({ app, service });
});
