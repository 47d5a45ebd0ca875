import { openClassifier } from '@labelfleet/inference';
import { join } from 'node:path';
import sharp from 'sharp';

/** A model whose computing time is proportional to the brightness of its image. */
export const SLOW_MODEL = join(
  import.meta.dirname,
  '../../../../../libs/inference/testing/models/slow',
);

const SIDE = 8;
const TRIES = 9;

/** A PNG on which the slow model computes for about this many seconds on this machine. */
export async function busyImage(seconds: number): Promise<Buffer> {
  await using classifier = await openClassifier({
    modelDir: SLOW_MODEL,
    threads: 1,
    maxPixels: SIDE * SIDE,
  });
  const probe = await imageOf(1);
  const taken: number[] = [];
  for (let index = 0; index < TRIES; index++) {
    const beganAtMs = performance.now();
    // The classifier takes ownership of the buffer.
    await classifier.classify(Uint8Array.from(probe), { topK: 1 });
    taken.push((performance.now() - beganAtMs) / 1000);
  }
  return imageOf(seconds / Math.min(...taken));
}

/** An image with this mean brightness, in the model's size so that it is not scaled. */
function imageOf(brightness: number): Promise<Buffer> {
  const values = SIDE * SIDE * 3;
  const dark = Math.min(254, Math.floor(brightness));
  const brighter = Math.round((brightness - dark) * values);
  const pixels = Uint8Array.from({ length: values }, (_, index) =>
    index < brighter ? dark + 1 : dark,
  );
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}
