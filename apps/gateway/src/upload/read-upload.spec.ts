import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { form, JPEG, imageForm, IMAGES } from '../testing/uploads.ts';
import { ByteBudget } from './byte-budget.ts';
import { FORM_OVERHEAD_BYTES, readUpload } from './read-upload.ts';

const MAX_IMAGE_BYTES = 5_000;

/** A body of these chunks that counts how many were read. */
function bodyOf(chunks: readonly (Uint8Array | Error)[]) {
  const source = { chunksRead: 0, read };
  async function read(): Promise<Uint8Array | undefined> {
    const chunk = chunks[source.chunksRead];
    source.chunksRead += 1;
    if (chunk instanceof Error) throw chunk;
    return chunk;
  }
  return source;
}

async function upload(
  chunks: readonly (Uint8Array | Error)[],
  options: Partial<Omit<Parameters<typeof readUpload>[0], 'body'>> & { budgetBytes?: number } = {},
) {
  const budget = new ByteBudget(options.budgetBytes ?? 1_000_000);
  const body = bodyOf(chunks);
  const share = budget.open();
  const { contentType, contentLength, contentEncoding, transferEncoding } = options;
  const outcome = await readUpload(
    { body, contentType, contentLength, contentEncoding, transferEncoding },
    { maxImageBytes: MAX_IMAGE_BYTES },
    share,
  );
  const bytesHeld = budget.bytesInUse;
  share[Symbol.dispose]();
  return { outcome, chunksRead: body.chunksRead, bytesHeld, bytesLeftOver: budget.bytesInUse };
}

const uploadForm = ({ contentType, body }: { contentType: string; body: Uint8Array }) =>
  upload([body], { contentType, contentLength: body.length });

describe('an image is accepted', () => {
  test.each(Object.entries(IMAGES))(
    'of type %s, identified by its bytes',
    async (mediaType, bytes) => {
      const { outcome } = await upload([bytes], { contentType: 'application/octet-stream' });
      expect(outcome).toEqual({ kind: 'image', bytes, mediaType, fileName: undefined });
    },
  );

  test.each([
    ['under any field name', { field: 'whatever', fileName: 'a.jpg', bytes: JPEG }, 'a.jpg'],
    ['without a file name', { field: 'f', type: 'image/jpeg', bytes: JPEG }, undefined],
    [
      'with a declared type that is wrong',
      { field: 'f', fileName: 'a.txt', type: 'text/plain', bytes: JPEG },
      'a.txt',
    ],
    [
      'with a name in another script',
      { field: 'f', fileName: 'Zürich 猫.jpg', bytes: JPEG },
      'Zürich 猫.jpg',
    ],
    [
      'with folders in its name',
      { field: 'f', fileName: '../../etc/passwd.jpg', bytes: JPEG },
      'passwd.jpg',
    ],
  ])('from a form, %s', async (_case, part, fileName) => {
    const { outcome } = await uploadForm(form(part));
    expect(outcome).toMatchObject({ kind: 'image', fileName });
    expect(outcome).toHaveProperty('bytes', JPEG);
  });

  test('from a form with other fields', async () => {
    const { outcome } = await uploadForm(
      form({ field: 'note', bytes: 'hello' }, { field: 'f', fileName: 'a.jpg', bytes: JPEG }),
    );
    expect(outcome).toMatchObject({ kind: 'image', mediaType: 'image/jpeg' });
  });

  test('byte for byte, however the form is cut into chunks', async () => {
    const { contentType, body } = imageForm();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: body.length }), { maxLength: 8 }),
        async (cuts) => {
          const at = [0, ...cuts.toSorted((a, b) => a - b), body.length];
          const chunks = at.slice(1).map((end, index) => body.subarray(at[index], end));
          const { outcome } = await upload(chunks, { contentType });
          expect(outcome).toHaveProperty('bytes', JPEG);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('an upload without an image is refused:', () => {
  test.each([
    ['no body', '', undefined, 'missing-image'],
    ['an empty file', imageForm('').body, imageForm('').contentType, 'missing-image'],
    [
      'a form without a file',
      form({ field: 'a', bytes: 'b' }).body,
      form().contentType,
      'missing-image',
    ],
    ['an empty form', form().body, form().contentType, 'missing-image'],
    [
      'a form that is cut short',
      imageForm().body.subarray(0, 300),
      imageForm().contentType,
      'missing-image',
    ],
    ['a malformed form', 'this is no form', imageForm().contentType, 'missing-image'],
    ['a form without a boundary', 'x', 'multipart/form-data', 'missing-image'],
    [
      'two files',
      form({ field: 'a', fileName: 'a', bytes: JPEG }, { field: 'b', fileName: 'b', bytes: JPEG })
        .body,
      form().contentType,
      'invalid-parameter',
    ],
    [
      'a text file that says it is a JPEG',
      imageForm('hello\n').body,
      imageForm().contentType,
      'unsupported-media-type',
    ],
    [
      'an SVG',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'image/svg+xml',
      'unsupported-media-type',
    ],
    [
      'an SVG behind the signature of an image',
      '<!--ftypavif--><svg xmlns="http://www.w3.org/2000/svg"/>',
      'image/avif',
      'unsupported-media-type',
    ],
    ['a PDF', '%PDF-1.7 and so on', 'image/png', 'unsupported-media-type'],
    [
      'a multipart body of another kind',
      'x',
      'multipart/mixed; boundary=x',
      'unsupported-media-type',
    ],
  ])('%s', async (_case, body, contentType, code) => {
    const chunks = body.length === 0 ? [] : [Buffer.from(body)];
    const { outcome } = await upload(chunks, contentType === undefined ? {} : { contentType });
    expect(outcome).toMatchObject({ kind: 'refused', code });
  });
});

test('the refusal of a type says what the file seems to be', async () => {
  const { outcome } = await upload([Buffer.from('%PDF-1.7 and so on')]);
  expect(outcome).toMatchObject({
    detail:
      'The file must be a JPEG, PNG, WebP, GIF, AVIF or TIFF image. It seems to be a PDF document.',
  });
});

describe('an upload that is too large', () => {
  const kilobyte = new Uint8Array(1_000);
  const many = Array.from({ length: 200 }, () => kilobyte);

  test('is not read if its length is declared', async () => {
    const { outcome, chunksRead } = await upload(many, { contentLength: MAX_IMAGE_BYTES + 1 });
    expect(outcome).toMatchObject({ code: 'payload-too-large' });
    expect(chunksRead).toBe(0);
  });

  test('is read up to the chunk that exceeds the limit if its length is not declared', async () => {
    const { outcome, chunksRead } = await upload(many);
    expect(outcome).toMatchObject({ code: 'payload-too-large' });
    expect(chunksRead).toBe(6); // 5,000 bytes and one chunk more
  });

  test('is a form whose other parts are too large', async () => {
    const filler = new Uint8Array(MAX_IMAGE_BYTES + FORM_OVERHEAD_BYTES);
    const { contentType, body } = form({ field: 'note', bytes: filler });
    const { outcome } = await upload([body], { contentType });
    expect(outcome).toMatchObject({ code: 'payload-too-large' });
  });

  test('is an image one byte over the limit in a form within its limit', async () => {
    const { outcome } = await uploadForm(imageForm(new Uint8Array(MAX_IMAGE_BYTES + 1)));
    expect(outcome).toMatchObject({ code: 'payload-too-large' });
  });
});

describe('the budget is charged for', () => {
  test('no more bytes than were received', async () => {
    const { bytesHeld } = await upload([JPEG.subarray(0, 50), new Error('gone')], {
      contentLength: MAX_IMAGE_BYTES,
    });
    expect(bytesHeld).toBe(50);
  });

  test('all bytes of a complete image', async () => {
    const { bytesHeld } = await upload([JPEG], { contentLength: JPEG.length });
    expect(bytesHeld).toBe(JPEG.length);
  });

  test('bytes as they arrive if no length is declared', async () => {
    const { bytesHeld } = await upload([JPEG.subarray(0, 10), JPEG.subarray(10)]);
    expect(bytesHeld).toBe(JPEG.length);
  });

  test('bytes beyond the declared length', async () => {
    const { bytesHeld } = await upload([JPEG.subarray(0, 50), JPEG.subarray(50)], {
      contentLength: 60,
    });
    expect(bytesHeld).toBe(JPEG.length);
  });

  test.each([
    ['declared', { contentLength: JPEG.length }],
    ['in chunks', {}],
  ])('a body %s, and refuses it if there is no room', async (_case, options) => {
    const upload_ = await upload([JPEG.subarray(0, 10), JPEG.subarray(10)], {
      ...options,
      budgetBytes: JPEG.length - 1,
    });
    expect(upload_.outcome).toMatchObject({ code: 'overloaded', headers: { 'retry-after': '5' } });
    expect(upload_.chunksRead).toBe(2);
  });

  test('nothing after the client disconnects', async () => {
    const { outcome, bytesHeld, bytesLeftOver } = await upload([JPEG, new Error('gone')]);
    expect(outcome).toEqual({ kind: 'disconnected' });
    expect(bytesHeld).toBe(JPEG.length);
    expect(bytesLeftOver).toBe(0);
  });
});
