import { Upload } from '@aws-sdk/lib-storage';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';
import { manyBytes, sha256 } from './many-bytes.ts';
import { missing, RCLONE, runClient, S3CMD } from './other-clients.ts';
import { createBucket } from '@labelfleet/testkit/test-bucket';

const timeout = 300_000;

const cloud = useLocalCloud();
const folder = await mkdtemp(join(tmpdir(), 'local-cloud-s3-clients-'));
afterAll(() => rm(folder, { recursive: true }));

/** A folder with small files with special characters in their names and a file of 20 MB. */
async function makeTree(name: string): Promise<string> {
  const tree = join(folder, name);
  await mkdir(join(tree, 'in'), { recursive: true });
  await writeFile(join(tree, 'a b'), '1');
  await writeFile(join(tree, 'in', 'ü+&%'), '2');
  await writeFile(join(tree, 'large'), manyBytes(20));
  return tree;
}

async function expectSameTree(tree: string, copy: string): Promise<void> {
  for (const file of ['a b', 'in/ü+&%', 'large']) {
    expect(await sha256(join(copy, file))).toBe(await sha256(join(tree, file)));
  }
}

describe('lib-storage', () => {
  test('uploads 20 MB of a stream in parts', { timeout }, async () => {
    const bucket = await createBucket(cloud.s3);
    const bytes = manyBytes(20);
    const params = { Bucket: bucket.name, Key: 'large', Body: Readable.from([bytes]) };
    const { ETag } = await new Upload({ client: cloud.s3, params }).done();
    expect(ETag).toMatch(/^"[0-9a-f]{32}-4"$/);
    const object = await bucket.get('large', { ChecksumMode: 'ENABLED' });
    const got = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    expect(got.equals(bytes)).toBe(true);
  });
});

const noRclone = await missing(RCLONE, ['version']);

describe.skipIf(noRclone !== undefined)(`rclone ${noRclone ?? ''}`, () => {
  test('copies, checks, syncs, moves and purges a folder', { timeout }, async () => {
    const tree = await makeTree('rclone');
    const bucket = `lc:${uniqueName('rclone')}`;
    const config = join(folder, 'rclone.conf');
    await writeFile(
      config,
      `[lc]\ntype = s3\nprovider = Other\nenv_auth = true\nregion = us-east-1\nendpoint = ${cloud.endpoint}\n`,
    );
    const rclone = (...args: string[]) =>
      runClient(RCLONE, ['--config', config, '--s3-upload-cutoff', '8M', ...args]);
    await rclone('mkdir', bucket);
    await rclone('copy', tree, `${bucket}/there`);
    await rclone('check', tree, `${bucket}/there`);
    await rclone('move', `${bucket}/there`, `${bucket}/moved`);
    await writeFile(join(tree, 'a b'), 'changed');
    await rclone('sync', tree, `${bucket}/moved`);
    const back = join(folder, 'rclone back');
    await rclone('copy', `${bucket}/moved`, back);
    await expectSameTree(tree, back);
    await rclone('purge', bucket);
  });
});

const noS3cmd = await missing(S3CMD, ['--version']);

describe.skipIf(noS3cmd !== undefined)(`s3cmd ${noS3cmd ?? ''}`, () => {
  test('puts, lists, copies, gets and deletes a folder', { timeout }, async () => {
    const tree = await makeTree('s3cmd');
    const bucket = `s3://${uniqueName('s3cmd')}`;
    const config = join(folder, 's3cfg');
    const { host } = new URL(cloud.endpoint);
    await writeFile(
      config,
      `[default]\naccess_key = local\nsecret_key = local\nhost_base = ${host}\nhost_bucket = ${host}\nuse_https = False\n`,
    );
    const s3cmd = (...args: string[]) =>
      runClient(S3CMD, ['-c', config, '--no-progress', '--multipart-chunk-size-mb=6', ...args]);
    await s3cmd('mb', bucket);
    await s3cmd('sync', `${tree}/`, `${bucket}/there/`);
    const listed = await s3cmd('ls', '--recursive', bucket);
    for (const name of ['a b', 'in/ü+&%', 'large']) expect(listed).toContain(`/there/${name}\n`);
    await s3cmd('cp', `${bucket}/there/large`, `${bucket}/there/copied`);
    await s3cmd('mv', `${bucket}/there/copied`, `${bucket}/there/moved`);
    const back = join(folder, 's3cmd back');
    await mkdir(back);
    await s3cmd('get', '--recursive', `${bucket}/there/`, `${back}/`);
    await expectSameTree(tree, back);
    expect((await readFile(join(back, 'moved'))).equals(await readFile(join(tree, 'large')))).toBe(
      true,
    );
    await s3cmd('del', '--recursive', '--force', bucket);
    await s3cmd('rb', bucket);
  });
});
