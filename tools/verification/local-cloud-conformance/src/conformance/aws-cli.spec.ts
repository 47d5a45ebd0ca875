import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';
import { manyBytes, sha256 } from './many-bytes.ts';
import { AWS, missing, runClient } from './other-clients.ts';

/** Each call starts a Python process, which takes half a second of CPU time and more on a busy machine. */
const timeout = 300_000;

const skipped = await missing(AWS, ['--version']);
const folder = await mkdtemp(join(tmpdir(), 'local-cloud-cli-'));
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(skipped !== undefined)(`the aws command ${skipped ?? ''}`, () => {
  const cloud = useLocalCloud();

  const text = (...args: string[]) =>
    runClient(AWS, ['--endpoint-url', cloud.endpoint, '--output', 'json', ...args]);
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

  test.concurrent.each([
    [20, ['cp', 'mv']],
    [200, []],
  ])(
    'copies a file of %d MB there in parts, within the bucket, and back',
    { timeout },
    async (megabytes, within) => {
      const bucket = uniqueName('cli');
      const file = join(folder, `${megabytes} MB`);
      await writeFile(file, manyBytes(megabytes));
      const move = (command: string, from: string, to: string) =>
        text('s3', command, '--no-progress', from, to);
      await text('s3', 'mb', `s3://${bucket}`);
      let at = `s3://${bucket}/there`;
      await move('cp', file, at);
      for (const command of within) {
        await move(command, at, `${at} ${command}`);
        at = `${at} ${command}`;
      }
      await move('cp', at, `${file} again`);
      expect(await sha256(`${file} again`)).toBe(await sha256(file));
      await rm(file);
      await rm(`${file} again`);
    },
  );

  test.concurrent('syncs a folder both ways, and only what has changed', { timeout }, async () => {
    const bucket = uniqueName('cli');
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    await mkdir(join(from, 'in'), { recursive: true });
    await writeFile(join(from, 'a b'), '1');
    await writeFile(join(from, 'in', 'ü+&%'), '2');
    const sync = (source: string, target: string) =>
      text('s3', 'sync', '--no-progress', source, target);
    await text('s3', 'mb', `s3://${bucket}`);
    await sync(from, `s3://${bucket}/d`);
    await writeFile(join(from, 'new'), '3');
    expect(await sync(from, `s3://${bucket}/d`)).toMatch(/^upload: \S*new to \S+\s*$/);
    await sync(`s3://${bucket}/d`, to);
    expect(await readFile(join(to, 'in', 'ü+&%'), 'utf8')).toBe('2');
    await text('s3', 'rm', '--recursive', `s3://${bucket}`);
    await text('s3', 'rb', `s3://${bucket}`);
  });

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
