import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { form, JPEG } from '../testing/uploads.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { BatchFile } from './batch-form.ts';
import { ByteBudget } from './byte-budget.ts';
import { readBatchForm } from './read-batch-form.ts';

const limits = { maxImageBytes: 5_000, maxImages: 4 };

interface Settings {
  budgetBytes?: number;
  chunkBytes?: number;
  handle?: (file: BatchFile) => Promise<Refusal | undefined>;
}

/** Reads a form in chunks, and keeps copies of its files. */
async function readForm({ contentType, body }: ReturnType<typeof form>, settings: Settings = {}) {
  const { budgetBytes = 100_000, chunkBytes = body.length } = settings;
  const budget = new ByteBudget(budgetBytes);
  const files: { fileName: string | undefined; bytes: string | undefined }[] = [];
  let at = 0;
  const read = async () => {
    await new Promise(setImmediate);
    const chunk = body.subarray(at, at + chunkBytes);
    at += chunkBytes;
    return chunk.length === 0 ? undefined : chunk;
  };
  using share = budget.open();
  const outcome = await readBatchForm(
    {
      body: { read },
      contentType,
      contentLength: undefined,
      contentEncoding: undefined,
      transferEncoding: 'chunked',
    },
    limits,
    share,
    async (file) => {
      await new Promise(setImmediate);
      const { index, fileName, bytes } = file;
      files[index] = {
        fileName,
        bytes: bytes === 'too-large' ? bytes : Buffer.from(bytes).toString('latin1'),
      };
      return settings.handle?.(file);
    },
  );
  share[Symbol.dispose]();
  return { outcome, files, bytesLeftOver: budget.bytesInUse };
}

const file = (bytes: Uint8Array | string, fileName = 'a.jpg') => ({ field: 'f', fileName, bytes });

describe('each file is handled with its own bytes', () => {
  test.each([1, 7, 100, 100_000])('in chunks of %i bytes', async (chunkBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 6_000 }), { minLength: 1, maxLength: 4 }),
        async (contents) => {
          const parts = contents.map((bytes, index) => file(bytes, `${index}`));
          const { outcome, files, bytesLeftOver } = await readForm(form(...parts), { chunkBytes });
          expect(outcome).toEqual({ kind: 'files' });
          expect(files).toEqual(
            contents.map((bytes, index) => ({
              fileName: `${index}`,
              bytes: bytes.length > 5_000 ? 'too-large' : Buffer.from(bytes).toString('latin1'),
            })),
          );
          expect(bytesLeftOver).toBe(0);
        },
      ),
      { numRuns: chunkBytes < 100 ? 3 : 20 },
    );
  });

  test('although other fields and empty file inputs are between them', async () => {
    const { files } = await readForm(
      form(
        { field: 'note', bytes: 'hello' },
        file(JPEG, '1'),
        { field: 'empty', fileName: '', type: 'application/octet-stream', bytes: '' },
        file(JPEG, '2'),
      ),
    );
    expect(files.map(({ fileName }) => fileName)).toEqual(['1', '2']);
  });
});

describe('a batch ends', () => {
  const four = form(...[1, 2, 3, 4].map(() => file(Buffer.alloc(4_000))));

  test('at the first refusal of a file', async () => {
    const refusal = refuse('idempotency-key-reused', 'Another image.');
    const handle = async ({ index }: BatchFile) => (index === 1 ? refusal : undefined);
    const read = await readForm(four, { handle, chunkBytes: 500 });
    expect(read).toMatchObject({ outcome: refusal, bytesLeftOver: 0 });
    expect(read.files.length).toBeLessThan(4);
  });

  test('at a failure', async () => {
    const handle = async () => {
      throw new Error('The store is broken.');
    };
    await expect(readForm(four, { handle, chunkBytes: 500 })).rejects.toThrow('is broken');
  });

  test('when there is no room for a file', async () => {
    const { outcome, bytesLeftOver } = await readForm(four, { budgetBytes: 3_000 });
    expect(outcome).toMatchObject({ code: 'overloaded' });
    expect(bytesLeftOver).toBe(0);
  });

  test('with as many images as it may have, and with one more', async () => {
    expect((await readForm(four)).outcome).toEqual({ kind: 'files' });
    const five = form(...[1, 2, 3, 4, 5].map(() => file(JPEG)));
    expect((await readForm(five)).outcome).toMatchObject({ code: 'too-many-images' });
  });
});

test('more bytes than there is room for fit one after the other', async () => {
  const four = form(...[1, 2, 3, 4].map(() => file(Buffer.alloc(4_000))));
  const { outcome, files } = await readForm(four, { budgetBytes: 13_000, chunkBytes: 1_000 });
  expect(outcome).toEqual({ kind: 'files' });
  expect(files).toHaveLength(4);
});
