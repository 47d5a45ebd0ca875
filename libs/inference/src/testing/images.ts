import sharp, { type Sharp } from 'sharp';

/** A picture of one colour, to be encoded by the test that needs it. */
export function plain(colour: string, { width = 8, height = 8 } = {}): Sharp {
  return sharp({ create: { width, height, channels: 3, background: colour } });
}

/** A picture that does not compress to nothing: a diagonal gradient with some texture. */
export function textured(width = 96, height = 72): Sharp {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => ((i % 3) * 60 + i / 97 + ((i * 7919) % 41)) % 256,
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Grey of this level, 0 to 255, as PNG: the model in testing/models/slow computes the longer the brighter. */
export const brightness = (level: number): Promise<Buffer> =>
  plain(`rgb(${level}, ${level}, ${level})`).png().toBuffer();
