import { expect, test } from 'vitest';

import { ec2Actions } from '../ec2/ec2-api.ts';
import { s3Actions } from '../s3/s3-api.ts';
import { sqsActions } from '../sqs/sqs-api.ts';
import { CALLS_TABLE } from './calls-table.ts';

test('every action that is served has a row', () => {
  const served = [...sqsActions, ...s3Actions, ...ec2Actions];
  expect(Object.keys(CALLS_TABLE).sort()).toEqual(served.sort());
});
