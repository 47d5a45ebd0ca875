import type { Kernel, ModelInput } from '../model/manifest.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Region extends Size {
  left: number;
  top: number;
}

/** How an image gets the input size of the network: it is resized, then cropped. */
export interface Geometry {
  resized: Size;
  kernel: Kernel;
  /** The crop of the resized image. */
  window: Region;
}

/**
 * Plans resize and crop of an image with the rounding of torchvision's Resize and CenterCrop: the longer side is
 * rounded down, and half a pixel of the crop's offset is rounded to even.
 * @returns undefined if the image is used unchanged
 */
export function planGeometry(
  image: Size,
  { resize, crop, width, height }: Pick<ModelInput, 'width' | 'height' | 'resize' | 'crop'>,
): Geometry | undefined {
  if (resize.mode === 'none') return undefined;
  const resized =
    resize.mode === 'stretch'
      ? { width: resize.size, height: resize.size }
      : shorterSide(image, resize.size);
  const cut = crop === 'center' && width !== null && height !== null;
  const window = cut ? centre(resized, { width, height }) : { ...resized, left: 0, top: 0 };
  return { resized, kernel: resize.kernel, window };
}

function shorterSide({ width, height }: Size, size: number): Size {
  return width <= height
    ? { width: size, height: Math.floor((size * height) / width) }
    : { width: Math.floor((size * width) / height), height: size };
}

const centre = (of: Size, size: Size): Region => ({
  ...size,
  left: roundHalfToEven((of.width - size.width) / 2),
  top: roundHalfToEven((of.height - size.height) / 2),
});

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
