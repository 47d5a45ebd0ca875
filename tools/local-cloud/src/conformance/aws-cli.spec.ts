import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { uniqueName, withLocalCloud } from './clients.ts';
import { AWS, missing, runClient } from './other-clients.ts';

/** Each call starts a Python of its own, which takes half a second of CPU and more when others want it too. */
const timeout = 120_000;

const skipped = await missing(AWS, ['--version']);
const folder = await mkdtemp(join(tmpdir(), 'local-cloud-cli-'));
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(skipped !== undefined)(`the aws command ${skipped ?? ''}`, () => {
  const cloud = withLocalCloud();

  const text = (...args: string[]) =>
    runClient(AWS, ['--endpoint-url', cloud.cloud.endpoint, '--output', 'json', ...args]);
  const json = async (...args: string[]): Promise<unknown> => JSON.parse(await text(...args));

  test.concurrent(
    'sends, receives and deletes messages, and sees the counts',
    { timeout },
    async () => {
      const name = uniqueName('cli');
      const { QueueUrl: url } = (await json('sqs', 'create-queue', '--queue-name', name)) as {
        QueueUrl: string;
      };
      const onQueue = (command: string, ...args: string[]) =>
        json('sqs', command, '--queue-url', url, ...args);
      const body = 'a <b> & "ü"';
      await onQueue('send-message', '--message-body', body);
      const attributes = ['--attribute-names', 'ApproximateNumberOfMessages'];
      expect(await onQueue('get-queue-attributes', ...attributes)).toEqual({
        Attributes: { ApproximateNumberOfMessages: '1' },
      });
      const received = (await onQueue('receive-message', '--attribute-names', 'All')) as {
        Messages: { Body: string; ReceiptHandle: string; Attributes: Record<string, string> }[];
      };
      expect(received.Messages).toMatchObject([
        { Body: body, Attributes: { ApproximateReceiveCount: '1' } },
      ]);
      const handle = received.Messages[0]?.ReceiptHandle ?? '';
      await text('sqs', 'delete-message', '--queue-url', url, '--receipt-handle', handle);
    },
  );

  test.concurrent(
    'copies files into a bucket, lists them, and copies them back',
    { timeout },
    async () => {
      const bucket = uniqueName('cli');
      const file = join(folder, 'a file');
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
      await writeFile(file, bytes);
      await text('s3', 'mb', `s3://${bucket}`);
      await text('s3', 'cp', '--no-progress', file, `s3://${bucket}/folder/a file`);
      expect(await text('s3', 'ls', `s3://${bucket}/folder/`)).toMatch(/ 100000 a file\n$/);
      await text('s3', 'cp', '--no-progress', `s3://${bucket}/folder/a file`, `${file} again`);
      expect((await readFile(`${file} again`)).equals(bytes)).toBe(true);
    },
  );

  test.concurrent('runs and describes an instance', { timeout }, async () => {
    const launch = ['--image-id', cloud.imageId, '--count', '1', '--instance-type', 'c7i.large'];
    const { Instances } = (await json('ec2', 'run-instances', ...launch)) as {
      Instances: { InstanceId: string }[];
    };
    const id = Instances[0]?.InstanceId ?? '';
    expect(await json('ec2', 'describe-instances', '--instance-ids', id)).toMatchObject({
      Reservations: [{ Instances: [{ InstanceId: id, InstanceType: 'c7i.large' }] }],
    });
  });
});
