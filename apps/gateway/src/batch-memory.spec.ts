import { startTestCloud } from '@labelfleet/aws/testing';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { startProcess } from './testing/gateway-process.ts';
import { JPEG } from './testing/uploads.ts';

const MIB = 1_048_576;
/** More would not take more: see docs/operations.md. */
const IMAGES = 40;
const IMAGE_BYTES = 10 * MIB;
const LIMIT_BYTES = 350_000_000;

/** A form of large images, in pieces that no memory has to hold. */
function* largeForm(boundary: string) {
  const padding = Buffer.alloc(MIB);
  for (let index = 0; index < IMAGES; index++) {
    yield `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="${index}.jpg"\r\n\r\n`;
    yield JPEG;
    for (let at = 0; at < IMAGE_BYTES / MIB - 1; at++) yield padding;
    yield '\r\n';
  }
  yield `--${boundary}--\r\n`;
}

/** The most memory that a process ever had, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

test('a gateway takes less than 350 MB for one chunked upload of 400 MiB', async () => {
  await using cloud = await startTestCloud();
  for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
  await using gateway = startProcess({
    ...cloud.environment,
    INPUT_BUCKET: 'input',
    OUTPUT_BUCKET: 'output',
    STATE_BUCKET: 'state',
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    PORT: '0',
  });
  const posting = request(`${await gateway.url}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b', prefer: 'respond-async' },
  });
  const status = new Promise<number | undefined>((resolve, reject) => {
    posting.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    posting.on('error', reject);
  });
  await pipeline(Readable.from(largeForm('b')), posting);
  expect(await status).toBe(202);
  expect(await peakMemory(gateway.child.pid ?? 0)).toBeLessThan(LIMIT_BYTES);
  expect((await cloud.s3.store('input').list('', 1_000)).length).toBe(IMAGES);
}, 120_000);
