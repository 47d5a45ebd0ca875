import { makeRequestId, type PageImage } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { MAX_LINE_BYTES } from './manifest-line.ts';
import { readManifestRange, type ManifestPosition } from './manifest-range.ts';

const JOB = {
  id: makeRequestId(Date.parse('2026-11-26T07:00:00Z'), new Uint8Array(10)),
  readable: [{ bucket: 'photos', prefix: 'in/' }],
};
const START: ManifestPosition = { atByte: 0, line: 1 };
const line = (key: string, more: object = {}) =>
  JSON.stringify({ key: `s3://photos/in/${key}`, ...more });
const image = (key: string) => ({ bucket: 'photos', key: `in/${key}` });

/** Reads a whole manifest in ranges of `size` bytes, at most `room` images from each. */
function read(text: string | Uint8Array, { size = 1 << 20, room = 1_000 } = {}) {
  const all = typeof text === 'string' ? Buffer.from(text) : text;
  const images: PageImage[] = [];
  let ranges = 0;
  for (
    let position: ManifestPosition | null = START;
    position !== null && position.atByte < all.length;
  ) {
    const bytes = all.subarray(position.atByte, position.atByte + size);
    const isEnd = position.atByte + bytes.length >= all.length;
    const found: ReturnType<typeof readManifestRange> = readManifestRange(JOB, position, {
      bytes,
      isEnd,
      room,
    });
    images.push(...found.images);
    position = found.next;
    if (++ranges > 10_000) throw new Error('It does not come to an end.');
  }
  return images;
}

test.each([
  ['lines', `${line('a')}\n${line('b')}\n`, [image('a'), image('b')]],
  ['no newline at the end', `${line('a')}\n${line('b')}`, [image('a'), image('b')]],
  ['CRLF', `${line('a')}\r\n${line('b')}\r\n`, [image('a'), image('b')]],
  ['empty lines', `\n\n${line('a')}\n \t\r\n\n${line('b')}\n\n`, [image('a'), image('b')]],
  ['a byte order mark', `\u{feff}${line('a')}\n`, [image('a')]],
  ['nothing', '', []],
  ['nothing but a byte order mark', '\u{feff}', []],
  ['nothing but empty lines', '\n\r\n\n', []],
  ['an id', `${line('a', { id: 'Bär 1' })}\n`, [{ ...image('a'), id: 'Bär 1' }]],
  ['unknown fields', `${line('a', { label: 7 })}\n`, [image('a')]],
  [
    'spaces, signs and unicode in keys',
    `${line(' two  words.jpg')}\n${line('Bär/日本/🐞?+%20#.jpg')}\n`,
    [image(' two  words.jpg'), image('Bär/日本/🐞?+%20#.jpg')],
  ],
  ['a key of 1,024 bytes', line('é'.repeat(510) + 'x'), [image('é'.repeat(510) + 'x')]],
])('reads a manifest with %s', (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['no JSON', '{"key": ', 'invalid-line', 'not JSON'],
  ['a number', '7', 'invalid-line', 'expected object'],
  ['null', 'null', 'invalid-line', 'expected object'],
  ['no key', '{"id": "1"}', 'invalid-line', 'key'],
  ['a key that is no string', '{"key": 1}', 'invalid-line', 'key'],
  ['an id that is no string', line('a', { id: 7 }), 'invalid-line', 'id'],
  ['an id that is null', line('a', { id: null }), 'invalid-line', 'id'],
  ['an id of over 1,024 characters', line('a', { id: 'x'.repeat(1025) }), 'invalid-line', 'id'],
  ['a path for a key', '{"key": "in/a.jpg"}', 'invalid-line', 's3://bucket/key'],
  ['a bucket without a key', '{"key": "s3://photos/"}', 'invalid-line', 's3://photos/'],
  ['a key that is no Unicode', '{"key": "s3://photos/in/\\ud800"}', 'invalid-line', 'address'],
  ['a key of over 1,024 bytes', line('é'.repeat(511)), 'invalid-line', '1024 bytes'],
  ['a line of over 16 KiB', line('a', { x: 'y'.repeat(MAX_LINE_BYTES) }), 'invalid-line', '16384'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid-line', 'UTF-8'],
  ['a bucket that is not listed', '{"key": "s3://other/in/a"}', 'forbidden', 's3://other/in/a'],
  ['a key outside the prefix', '{"key": "s3://photos/out/a"}', 'forbidden', 'JOB_SOURCES'],
])('a line with %s is a failed image, and the others are read', (_, broken, code, detail) => {
  const text = Buffer.concat([
    Buffer.from(`${line('a')}\n\n`),
    Buffer.from(broken),
    Buffer.from(`\n${line('b')}\n`),
  ]);
  const [first, second, third] = read(text);
  expect(first).toEqual(image('a'));
  expect(second).toEqual({
    line: 3,
    problem: expect.objectContaining({
      type: `urn:labelfleet:problem:${code}`,
      detail: expect.stringContaining(detail) as string,
      requestId: JOB.id,
    }) as object,
  });
  expect(third).toEqual(image('b'));
});

test('the longest line is read', () => {
  const longest = line('a', { x: '' });
  const fill = 'y'.repeat(MAX_LINE_BYTES - longest.length);
  expect(read(line('a', { x: fill }))).toEqual([image('a')]);
});

// A range must be longer than the longest line; lines of this test are much shorter than that.
test.each([MAX_LINE_BYTES + 1, MAX_LINE_BYTES + 2, MAX_LINE_BYTES + 7, 20_011])(
  'ranges of %i bytes read what one range reads, wherever they cut',
  (size) => {
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      index % 100 === 99 ? 'broken' : line(`日本 ${index} 🐞.jpg`, { id: `Bär ${index}` }),
    );
    lines.splice(1_500, 0, 'x'.repeat(70_000), '', 'y'.repeat(MAX_LINE_BYTES));
    const text = `\u{feff}${lines.join('\r\n')}`;
    const whole = read(text, { room: 10_000 });
    expect(whole).toHaveLength(3_002);
    expect(whole.filter((each) => 'line' in each)).toHaveLength(32);
    expect(read(text, { size })).toEqual(whole);
    expect(read(text, { size, room: 1 })).toEqual(whole);
  },
);

test('a line without an end is one failed image, and not held', () => {
  const text = Buffer.concat([Buffer.alloc(1_000_000, 'x'), Buffer.from(`\n${line('a')}`)]);
  const images = read(text, { size: 20_000 });
  expect(images).toEqual([expect.objectContaining({ line: 1 }), image('a')]);
});
