import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeAwsChunked } from './aws-chunked.ts';

/** Splits the body at any position, as a socket may deliver it. */
async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decode(text: string, size = 1000) {
  const trailers: Record<string, string> = {};
  const parts: Buffer[] = [];
  const decoded = decodeAwsChunked(inPieces(text, size), (name, value) => {
    trailers[name] = value;
  });
  for await (const part of decoded) parts.push(part);
  return { body: Buffer.concat(parts).toString('latin1'), trailers };
}

test('decodes chunks and trailers, wherever the stream is split', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, unit: 'binary-ascii' })),
      fc.integer({ min: 1, max: 40 }),
      async (chunks, size) => {
        const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
        const text = `${framed.join('')}0\r\nx-amz-checksum-crc32:abc=\r\n\r\n`;
        expect(await decode(text, size)).toEqual({
          body: chunks.join(''),
          trailers: { 'x-amz-checksum-crc32': 'abc=' },
        });
      },
    ),
  );
});

test('ignores the signatures of chunks', async () => {
  const text = '5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n';
  expect(await decode(text)).toEqual({ body: 'hello', trailers: {} });
});

test.each([
  ['ends within a chunk', '5\r\nhel'],
  ['has a chunk longer than it says', '2\r\nhello\r\n0\r\n\r\n'],
  ['is not framed at all', 'hello'],
])('refuses a body that %s', async (_what, text) => {
  await expect(decode(text)).rejects.toMatchObject({ code: 'IncompleteBody' });
});
