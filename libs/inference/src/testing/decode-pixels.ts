import { decode } from '../decode/decode.ts';
import type { Raster } from '../decode/raster.ts';

export const asItIs = {
  width: null,
  height: null,
  resize: { mode: 'none' },
  crop: 'none',
} as const;

const decodeAsItIs = (bytes: Uint8Array) => decode(bytes, asItIs, 50_000_000);

/** Decodes all pixels of an image; throws if it is a bad image. */
export async function pixelsOf(bytes: Uint8Array): Promise<Raster> {
  const decoded = await decodeAsItIs(bytes);
  if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
  return decoded.raster;
}

/** Returns why an image is a bad image; throws if it is decoded. */
export async function refusalOf(bytes: Uint8Array): Promise<string> {
  const decoded = await decodeAsItIs(bytes);
  if (decoded.kind === 'decoded') throw new Error('The image was decoded.');
  return decoded.detail;
}

export const pixelAt = ({ data, width }: Raster, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
