import { drawImages } from '@labelfleet/testkit/images';
import {
  DEFAULT_LIMITS,
  embeddedModelDir,
  openClassifier,
  type Classifier,
} from '@labelfleet/inference';
import { withEmptyScans } from '@labelfleet/inference/testing';
import { DEFAULT_TOP_K } from '@labelfleet/contracts';
import { mkdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import type { Expected } from '../history/event.ts';
import { MAX_DECODE_SECONDS } from '../stack/settings.ts';

export interface ChaosImage {
  /** File name. */
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  expected: Expected;
}

const GOOD_IMAGES = 24;
/** One offer in so many is text, is a truncated image, takes too long to decode. */
const TEXT_EVERY = 40;
const BROKEN_EVERY = 25;
const SLOW_EVERY = 60;
/** A decoder needs milliseconds for each, so together far more than MAX_DECODE_SECONDS. */
const SLOW_SCANS = 20_000;
const SLOW_NAME = 'slow.jpg';

/**
 * Good images, a truncated one, one that takes too long to decode, and a text, each with the expected answer by
 * direct classification.
 */
export async function prepareImages(folder: string): Promise<ChaosImage[]> {
  await mkdir(folder, { recursive: true });
  const files = await drawImages(folder, GOOD_IMAGES);
  await using classifier = await openClassifier({
    modelDir: embeddedModelDir,
    threads: 1,
    maxPixels: 50_000_000,
    limits: { ...DEFAULT_LIMITS, maxDecodeMs: MAX_DECODE_SECONDS * 1000 },
  });
  const good: ChaosImage[] = [];
  for (const file of files)
    good.push(await prepare(basename(file), await bytesOf(file), classifier));
  const whole = await bytesOf(files[1] ?? '');
  const broken = await prepare('broken.png', whole.slice(0, whole.length / 3), classifier);
  return [
    ...good,
    broken,
    await prepare(SLOW_NAME, await slowImage(), classifier),
    {
      name: 'text.txt',
      bytes: new TextEncoder().encode('This is no image.\n'),
      expected: { kind: 'refused', problem: 'unsupported-media-type' },
    },
  ];
}

/** The image of the nth offer: the good ones in turn, with others in between. */
export function imageOf(offer: number, images: readonly ChaosImage[]): ChaosImage {
  const good = images.filter(({ expected }) => expected.kind === 'classified');
  const pick = (kind: Expected['kind']) =>
    images.find(({ name, expected }) => expected.kind === kind && name !== SLOW_NAME);
  const usual = good[offer % good.length];
  const image =
    (offer % TEXT_EVERY === TEXT_EVERY - 1 && pick('refused')) ||
    (offer % BROKEN_EVERY === BROKEN_EVERY - 1 && pick('failed')) ||
    (offer % SLOW_EVERY === SLOW_EVERY / 2 && images.find(({ name }) => name === SLOW_NAME)) ||
    usual;
  if (image === undefined) throw new RangeError('there are no good images');
  return image;
}

/** The images that are refused or fail soon. */
export function badImages(images: readonly ChaosImage[]): [ChaosImage, ...ChaosImage[]] {
  const bad = images.filter(
    ({ name, expected }) => expected.kind !== 'classified' && name !== SLOW_NAME,
  );
  const [first, ...others] = bad;
  if (first === undefined) throw new RangeError('there are no bad images');
  return [first, ...others];
}

async function prepare(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  classifier: Pick<Classifier, 'classify'>,
): Promise<ChaosImage> {
  const outcome = await classifier.classify(bytes, { topK: DEFAULT_TOP_K });
  return {
    name,
    bytes,
    expected:
      outcome.kind === 'classified'
        ? { kind: 'classified', predictions: outcome.predictions }
        : { kind: 'failed', problem: 'invalid-image' },
  };
}

async function slowImage(): Promise<Uint8Array<ArrayBuffer>> {
  const plain = sharp({
    create: { width: 1500, height: 1500, channels: 3, background: '#808080' },
  });
  return withEmptyScans(await plain.jpeg({ progressive: true }).toBuffer(), SLOW_SCANS);
}

const bytesOf = async (file: string) => new Uint8Array(await readFile(file));
