import type { ObjectStore } from '@labelfleet/aws/store';
import { drawImages } from '@labelfleet/testkit/images';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { classifyDirectly } from '../classify-directly.ts';

/** What a job must say of an image: its label, or the code of its problem. */
export type Expected = { label: string } | { problem: string };

/** Images in a bucket, and what a job must say of each, by key. */
export interface StoredImages {
  prefix: string;
  expected: ReadonlyMap<string, Expected>;
}

interface SmallImage {
  bytes: Uint8Array;
  expected: Expected;
}

const PICTURES = 50;
const SIZE = 64;
/** Every twentieth image, 5 %, is a bad one. */
const BAD_EVERY = 20;
const PARALLEL_PUTS = 64;

/** Draws small images with the labels of direct classification, and makes some that cannot be decoded. */
export async function drawSmallImages(): Promise<{ good: SmallImage[]; bad: SmallImage[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'job-images-'));
  try {
    const files = await drawImages(folder, PICTURES);
    const small = files.map((_, index) => join(folder, `small-${index}.jpg`));
    for (const [index, file] of files.entries())
      await sharp(file)
        .resize(SIZE, SIZE)
        .jpeg()
        .toFile(small[index] ?? '');
    const labels = await classifyDirectly(small);
    const good = await Promise.all(
      small.map(async (file) => ({
        bytes: await readFile(file),
        expected: { label: labels.get(basename(file)) ?? '' },
      })),
    );
    const whole = good[0]?.bytes ?? new Uint8Array();
    const bad = [
      { bytes: whole.subarray(0, whole.length / 2), expected: { problem: 'invalid-image' } },
      { bytes: Buffer.from('no image'), expected: { problem: 'unsupported-media-type' } },
      { bytes: new Uint8Array(), expected: { problem: 'unsupported-media-type' } },
    ];
    return { good, bad };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Keys with characters that URLs, XML, CSV or JSON write in another way. */
const ODD_NAMES = [
  ' two  spaces .jpg',
  'Bär/日本/\u{1f41e}.jpg',
  '+&=?#%20%2B.jpg',
  'quote"comma,semicolon;.jpg',
  'line\nbreak\r.jpg',
  "=HYPERLINK('x').jpg",
  'tab\t\u0001.jpg',
  '../up/./here//.jpg',
  'label-0000000-0000.jsonl',
];
const KEY_BYTES = 1024;

/** Stores this many images below a prefix, 5 % of them bad, some under odd keys, and a folder of the S3 console. */
export async function storeImages(
  store: ObjectStore,
  prefix: string,
  count: number,
): Promise<StoredImages> {
  const { good, bad } = await drawSmallImages();
  const longest = prefix + 'x'.repeat(KEY_BYTES - prefix.length);
  const odd = [longest, ...ODD_NAMES.map((name) => `${prefix}odd/${name}`)];
  const expected = new Map<string, Expected>();
  const put = (key: string, bytes: Uint8Array) =>
    store.put(key, bytes, { contentType: 'application/octet-stream' });
  await put(`${prefix}folder/`, new Uint8Array());
  await forEach(count, async (index) => {
    const isBad = index % BAD_EVERY === BAD_EVERY - 1;
    const image = isBad ? bad[index % bad.length] : good[index % good.length];
    const key = odd[index] ?? `${prefix}${index % 7}/${index}.jpg`;
    if (image === undefined) throw new Error('There is no image.');
    expected.set(key, image.expected);
    await put(key, image.bytes);
  });
  return { prefix, expected };
}

/** An AVIF of some hundred bytes that takes longer to decode than other formats of its size. */
const SLOW = { width: 2_000, height: 2_000, channels: 3, background: 'teal' } as const;

/** Stores this many images below a prefix that take a worker tenths of a second. */
export async function storeSlowImages(
  store: ObjectStore,
  prefix: string,
  count: number,
): Promise<void> {
  const bytes = await sharp({ create: SLOW }).avif().toBuffer();
  await forEach(count, async (index) => {
    await store.put(`${prefix}${index}.avif`, bytes, { contentType: 'image/avif' });
  });
}

async function forEach(count: number, handle: (index: number) => Promise<void>): Promise<void> {
  const left = Array.from({ length: count }, (_, index) => index).values();
  const handleRest = async () => {
    for (const index of left) await handle(index);
  };
  await Promise.all(Array.from({ length: PARALLEL_PUTS }, handleRest));
}
