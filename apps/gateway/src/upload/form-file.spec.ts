import { describe, expect, test } from 'vitest';
import { form, JPEG, IMAGES } from '../testing/uploads.ts';
import { ByteBudget } from './byte-budget.ts';
import { readUpload } from './read-upload.ts';

interface Sent {
  contentType: string;
  body: Uint8Array;
}

async function upload({ contentType, body }: Sent, headers: Record<string, string> = {}) {
  using share = new ByteBudget(1_000_000).open();
  const chunks = [body];
  return readUpload(
    {
      body: { read: async () => chunks.shift() },
      contentType,
      contentLength: body.length,
      contentEncoding: headers['content-encoding'],
      transferEncoding: headers['transfer-encoding'],
    },
    { maxImageBytes: 100_000 },
    share,
  );
}

/** A form from its text, in which `<image>` is replaced by the bytes of an image. */
function written(contentType: string, text: string): Sent {
  const [before = '', after = ''] = text.split('<image>');
  return { contentType, body: Buffer.concat([Buffer.from(before), JPEG, Buffer.from(after)]) };
}

const FORM = 'multipart/form-data; boundary=b';
const part = (...headers: string[]) => ['--b', ...headers, '', '<image>', '--b--', ''].join('\r\n');
const DISPOSITION = 'Content-Disposition: form-data; name="image"; filename="a.jpg"';

const image = { field: 'image', fileName: 'a.jpg', type: 'image/jpeg', bytes: JPEG };
const json = { field: 'meta', fileName: 'blob', type: 'application/json', bytes: '{"a":1}' };
const emptyInput = { field: 'other', fileName: '', type: 'application/octet-stream', bytes: '' };

describe('the image of a form is found', () => {
  test.each([
    ['after an empty file input', form(emptyInput, image)],
    ['before a file input that was left empty', form(image, emptyInput)],
    ['between several of them', form(emptyInput, emptyInput, image, emptyInput)],
    ['with a JSON Blob', form(json, image)],
    ['before a JSON Blob', form(image, json)],
    ['with a text file', form({ ...json, fileName: 'a.txt', type: 'text/plain' }, image)],
    ['with bytes that are no image', form(image, { field: 'x', fileName: 'x.bin', bytes: 'xyz' })],
    [
      'with a JSON file, if the image part has no type',
      form(json, { ...image, type: 'text/plain' }),
    ],
    ['before a field', form(image, { field: 'note', bytes: 'hello' })],
    [
      'with a field of type JSON',
      form({ field: 'meta', type: 'application/json', bytes: '{}' }, image),
    ],
    ['without a type of its part', written(FORM, part(DISPOSITION))],
    [
      'with an empty file name',
      written(FORM, part('Content-Disposition: form-data; name="a"; filename=""')),
    ],
    [
      'without a field name',
      written(FORM, part('Content-Disposition: form-data; filename="a.jpg"')),
    ],
    [
      'with Content-Transfer-Encoding: binary',
      written(FORM, part(DISPOSITION, 'Content-Transfer-Encoding: binary')),
    ],
    [
      'with Content-Transfer-Encoding: base64 although it is binary',
      written(FORM, part(DISPOSITION, 'Content-Transfer-Encoding: base64')),
    ],
    ['with headers in small letters', written(FORM, part(DISPOSITION.toLowerCase()))],
    ['with a quoted boundary', written('multipart/form-data; boundary="b"', part(DISPOSITION))],
    [
      'with a quoted boundary that has spaces',
      written('multipart/form-data; boundary="b b"', part(DISPOSITION).replaceAll('--b', '--b b')),
    ],
    [
      'with a charset',
      written('multipart/form-data; charset=UTF-8; boundary=b', part(DISPOSITION)),
    ],
    [
      'with the same boundary twice',
      written('multipart/form-data; boundary=b; boundary=b', part(DISPOSITION)),
    ],
    ['with its type in capitals', written('MULTIPART/FORM-DATA; BOUNDARY=b', part(DISPOSITION))],
    ['with text before the first boundary', written(FORM, `a preamble\r\n${part(DISPOSITION)}`)],
    ['with text behind the last boundary', written(FORM, `${part(DISPOSITION)}an epilogue`)],
    ['without a line end behind the last boundary', written(FORM, part(DISPOSITION).slice(0, -2))],
  ])('%s', async (_case, sent) => {
    const outcome = await upload(sent);
    expect(outcome).toMatchObject({ kind: 'image', mediaType: 'image/jpeg' });
    expect(outcome).toHaveProperty('bytes', JPEG);
  });

  test.each([
    [`filename*=UTF-8''Z%C3%BCrich.jpg`, 'Zürich.jpg'],
    [`filename="Zurich.jpg"; filename*=UTF-8''Z%C3%BCrich.jpg`, 'Zurich.jpg'],
    [`filename="a \\"b\\".jpg"`, 'a "b".jpg'],
    ['filename=plain.jpg', 'plain.jpg'],
  ])('with %s', async (name, fileName) => {
    const sent = written(FORM, part(`Content-Disposition: form-data; name="image"; ${name}`));
    expect(await upload(sent)).toMatchObject({ kind: 'image', fileName });
  });

  test('as FormData sends it, with a JSON Blob', async () => {
    const data = new FormData();
    data.append('meta', new Blob(['{}'], { type: 'application/json' }));
    data.append('image', new Blob([new Uint8Array(JPEG)], { type: 'image/jpeg' }), 'a.jpg');
    const request = new Request('http://localhost/', { method: 'POST', body: data });
    const contentType = request.headers.get('content-type') ?? '';
    const sent = { contentType, body: new Uint8Array(await request.arrayBuffer()) };
    expect(await upload(sent)).toMatchObject({ kind: 'image', fileName: 'a.jpg' });
  });
});

describe('a form is refused with the reason if it has', () => {
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  test.each([
    [
      'two images',
      form(image, { ...image, field: 'second' }),
      'invalid-parameter',
      'The form has 2 images: the fields "image", "second"',
    ],
    [
      'two images of which one is empty',
      form(image, { ...image, field: 'second', bytes: '' }),
      'invalid-parameter',
      '2 images',
    ],
    [
      'two images of which one cannot be read',
      form(image, { field: 'second', fileName: 'a.heic', bytes: heic }),
      'invalid-parameter',
      '2 images',
    ],
    [
      'two images under one name',
      form(image, { ...image, bytes: IMAGES['image/png'] }),
      'invalid-parameter',
      '2 images',
    ],
    [
      'files of which none is an image',
      form(json, { ...json, field: 'more' }),
      'unsupported-media-type',
      'None of the 2 files in the form is an image: the fields "meta", "more"',
    ],
    ['one file that is no image', form(json), 'unsupported-media-type', 'must be a JPEG'],
    [
      'an empty file input',
      form(emptyInput),
      'missing-image',
      'No file was chosen: the field "other" sent no bytes',
    ],
    [
      'several empty file inputs',
      form(emptyInput, emptyInput),
      'missing-image',
      'No file was chosen',
    ],
    ['a file of 0 bytes', form({ ...image, bytes: '' }), 'missing-image', 'has 0 bytes'],
    [
      'fields only',
      form({ field: 'a', bytes: '1' }, { field: 'b', bytes: '2' }),
      'missing-image',
      'no file part, only the fields "a", "b"',
    ],
    ['nothing', form(), 'missing-image', 'no file part'],
    [
      'base64',
      form({ ...image, bytes: JPEG.toString('base64') }),
      'unsupported-media-type',
      'must be a JPEG',
    ],
    [
      'base64 that says so',
      written(
        FORM,
        part(DISPOSITION, 'Content-Transfer-Encoding: base64').replace(
          '<image>',
          JPEG.toString('base64'),
        ),
      ),
      'unsupported-media-type',
      'Content-Transfer-Encoding: base64',
    ],
    [
      'no final boundary',
      written(FORM, part(DISPOSITION).replace('--b--', '')),
      'missing-image',
      'incomplete',
    ],
    [
      'another boundary',
      written('multipart/form-data; boundary=c', part(DISPOSITION)),
      'missing-image',
      'malformed',
    ],
    [
      'LF-only line endings',
      written(FORM, part(DISPOSITION).replaceAll('\r\n', '\n')),
      'missing-image',
      'lines must end in CRLF',
    ],
    [
      'no boundary in its type',
      written('multipart/form-data', part(DISPOSITION)),
      'missing-image',
      'Boundary not found',
    ],
    [
      'an empty boundary',
      written('multipart/form-data; boundary=', part(DISPOSITION)),
      'missing-image',
      '',
    ],
    [
      'more than 100 parts',
      form(...Array.from({ length: 101 }, () => ({ field: 'a', bytes: '' })), image),
      'invalid-parameter',
      'more than 100 parts',
    ],
  ])('%s', async (_case, sent, code, detail) => {
    const outcome = await upload(sent);
    expect(outcome).toMatchObject({ kind: 'refused', code });
    expect(outcome).toHaveProperty('detail', expect.stringContaining(detail));
  });
});

describe('an encoded body', () => {
  const sent = [form(image), { contentType: 'image/jpeg', body: JPEG }];
  test.each(['gzip', 'br', 'deflate', 'x-gzip', 'GZIP', 'zstd', 'identity, gzip', 'nonsense'])(
    'with Content-Encoding %s gets 415 with Accept-Encoding',
    async (coding) => {
      for (const one of sent)
        expect(await upload(one, { 'content-encoding': coding })).toMatchObject({
          code: 'unsupported-media-type',
          headers: { 'accept-encoding': 'identity' },
          detail: expect.stringContaining(`Content-Encoding: ${coding}`) as string,
        });
    },
  );

  test.each(['identity', 'Identity', '', 'identity, identity'])(
    'is accepted if the Content-Encoding is "%s"',
    async (coding) => {
      for (const one of sent)
        expect(await upload(one, { 'content-encoding': coding })).toMatchObject({ kind: 'image' });
    },
  );

  test('with another transfer coding than chunked gets 501', async () => {
    expect(await upload(form(image), { 'transfer-encoding': 'gzip, chunked' })).toMatchObject({
      code: 'not-implemented',
    });
    expect(await upload(form(image), { 'transfer-encoding': 'chunked' })).toMatchObject({
      kind: 'image',
    });
  });
});
