import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';
import { missing, PYTHON, runClient } from './other-clients.ts';

const skipped = await missing(PYTHON, ['-c', 'import boto3']);
const script = fileURLToPath(new URL('./boto3-cases.py', import.meta.url));

describe.skipIf(skipped !== undefined)(`boto3 ${skipped ?? ''}`, () => {
  const cloud = useLocalCloud();

  test('has its messages, objects and instances', { timeout: 60_000 }, async () => {
    const printed = await runClient(PYTHON, [script, cloud.endpoint, cloud.imageId]);
    expect(printed.trim().split('\n')).toEqual([
      'sqs_messages',
      'sqs_batches',
      'sqs_errors',
      's3_objects',
      's3_collections',
      'ec2_instances',
    ]);
  });
});
