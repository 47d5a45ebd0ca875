import { decode } from '../decode.ts';
import type { Raster } from '../preprocess.ts';

export const asItIs = {
  width: null,
  height: null,
  resize: { mode: 'none' },
  crop: 'none',
} as const;

const decodeAsItIs = (bytes: Uint8Array) => decode(bytes, asItIs, 50_000_000);

/** All pixels of an image; throws where it is refused. */
export async function pixelsOf(bytes: Uint8Array): Promise<Raster> {
  const decoded = await decodeAsItIs(bytes);
  if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
  return decoded.raster;
}

/** Why an image is refused; throws where it is not. */
export async function refusalOf(bytes: Uint8Array): Promise<string> {
  const decoded = await decodeAsItIs(bytes);
  if (decoded.kind === 'decoded') throw new Error('The image was decoded.');
  return decoded.detail;
}

export const pixelAt = ({ data, width }: Raster, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
