import sharp, { type Sharp } from 'sharp';

/** An image of one colour; the caller encodes it. */
export function plain(colour: string, { width = 8, height = 8 } = {}): Sharp {
  return sharp({ create: { width, height, channels: 3, background: colour } });
}

/** An image that compresses like a photograph: a diagonal gradient with texture. */
export function textured(width = 96, height = 72): Sharp {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => ((i % 3) * 60 + i / 97 + ((i * 7919) % 41)) % 256,
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A grey PNG of this level, 0 to 255. The model in testing/models/slow takes longer for a higher level. */
export const brightness = (level: number): Promise<Buffer> =>
  plain(`rgb(${level}, ${level}, ${level})`).png().toBuffer();
