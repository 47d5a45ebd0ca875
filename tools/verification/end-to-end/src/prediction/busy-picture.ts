import { openClassifier } from '@labelfleet/inference';
import { join } from 'node:path';
import sharp from 'sharp';

/** Computes for as long as its picture is bright. */
export const SLOW_MODEL = join(
  import.meta.dirname,
  '../../../../../libs/inference/testing/models/slow',
);

const SIDE = 8;
const TRIES = 9;

/** A picture on which the slow model computes for about so long on this machine, as PNG. */
export async function busyPicture(seconds: number): Promise<Buffer> {
  await using classifier = await openClassifier({
    modelDir: SLOW_MODEL,
    threads: 1,
    maxPixels: SIDE * SIDE,
  });
  const probe = await pictureOf(1);
  const taken: number[] = [];
  for (let index = 0; index < TRIES; index++) {
    const beganAtMs = performance.now();
    // The classifier takes the buffer over.
    await classifier.classify(Uint8Array.from(probe), { topK: 1 });
    taken.push((performance.now() - beganAtMs) / 1000);
  }
  return pictureOf(seconds / Math.min(...taken));
}

/** A picture whose values are this on average. The size is the model's, so that nothing is scaled. */
function pictureOf(brightness: number): Promise<Buffer> {
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
