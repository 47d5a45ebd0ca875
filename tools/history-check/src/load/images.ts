import { drawPictures } from '@labelfleet/end-to-end/pictures';
import { embeddedModelDir, openClassifier, type Classifier } from '@labelfleet/inference';
import { DEFAULT_TOP_K } from '@labelfleet/contracts';
import { mkdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Expected } from '../history/event.ts';

export interface ChaosImage {
  /** File name. */
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  expected: Expected;
}

const PICTURES = 24;
/** One in so many offers is no image, one in so many is an image that is cut off. */
const NO_IMAGE_EVERY = 40;
const BROKEN_EVERY = 25;

/** Pictures, one that no model can read, and a text; each with what direct classification says of it. */
export async function prepareImages(folder: string): Promise<ChaosImage[]> {
  await mkdir(folder, { recursive: true });
  const files = await drawPictures(folder, PICTURES);
  await using classifier = await openClassifier({
    modelDir: embeddedModelDir,
    threads: 1,
    maxPixels: 50_000_000,
  });
  const pictures: ChaosImage[] = [];
  for (const file of files)
    pictures.push(await prepare(basename(file), await bytesOf(file), classifier));
  const whole = await bytesOf(files[1] ?? '');
  const broken = await prepare('broken.png', whole.slice(0, whole.length / 3), classifier);
  return [
    ...pictures,
    broken,
    {
      name: 'text.txt',
      bytes: new TextEncoder().encode('This is no image.\n'),
      expected: { kind: 'refused', problem: 'unsupported-media-type' },
    },
  ];
}

/** Which of the images the nth offer is of: the pictures in turn, now and then one that is none. */
export function imageOf(offer: number, images: readonly ChaosImage[]): ChaosImage {
  const pictures = images.filter(({ expected }) => expected.kind === 'classified');
  const pick = (kind: Expected['kind']) => images.find(({ expected }) => expected.kind === kind);
  const picture = pictures[offer % pictures.length];
  const image =
    (offer % NO_IMAGE_EVERY === NO_IMAGE_EVERY - 1 && pick('refused')) ||
    (offer % BROKEN_EVERY === BROKEN_EVERY - 1 && pick('failed')) ||
    picture;
  if (image === undefined) throw new RangeError('there are no pictures');
  return image;
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

const bytesOf = async (file: string) => new Uint8Array(await readFile(file));
