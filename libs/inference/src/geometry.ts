import type { Kernel, ModelInput } from './manifest.ts';

export interface Size {
  width: number;
  height: number;
}

/** How a picture comes to the network's size. */
export interface Geometry {
  resize?: Size & { kernel: Kernel };
  /** Cut out of the resized picture. */
  crop?: Size & { left: number; top: number };
}

/**
 * Plans resize and crop of a picture, by the rounding that torchvision's Resize and CenterCrop use: the
 * longer side rounded down, half a pixel of the crop's offset to the even neighbour.
 */
export function planGeometry(
  picture: Size,
  input: Pick<ModelInput, 'width' | 'height' | 'resize' | 'crop'>,
): Geometry {
  const { resize } = input;
  if (resize.mode === 'none') return {};
  const size = resize.mode === 'stretch' ? square(resize.size) : shorterSide(picture, resize.size);
  const plan = { resize: { ...size, kernel: resize.kernel } };
  if (input.crop === 'none' || input.width === null || input.height === null) return plan;
  const crop = {
    width: input.width,
    height: input.height,
    left: roundHalfToEven((size.width - input.width) / 2),
    top: roundHalfToEven((size.height - input.height) / 2),
  };
  return { ...plan, crop };
}

const square = (side: number): Size => ({ width: side, height: side });

function shorterSide({ width, height }: Size, size: number): Size {
  return width <= height
    ? { width: size, height: Math.floor((size * height) / width) }
    : { width: Math.floor((size * width) / height), height: size };
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
