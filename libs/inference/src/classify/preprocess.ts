import type { Raster } from '../decode/raster.ts';
import type { ModelInput } from '../model/manifest.ts';

/** The input tensor for one image; `dims` includes the batch axis (1). */
export interface InputTensor {
  data: Float32Array;
  dims: [number, number, number, number];
}

/** Converts pixels to the input tensor of the network: value = (pixel * scale - mean) / std. */
export function preprocess(
  { data, width, height }: Raster,
  {
    layout,
    channels,
    scale,
    mean,
    std,
  }: Pick<ModelInput, 'layout' | 'channels' | 'scale' | 'mean' | 'std'>,
): InputTensor {
  const plane = width * height;
  const planar = layout === 'NCHW';
  const [step, channelStep] = planar ? [1, plane] : [3, 1];
  const values = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const source = channels === 'RGB' ? channel : 2 - channel;
    const table = lookUp(scale, mean[channel] ?? 0, std[channel] ?? 1);
    let to = channel * channelStep;
    for (let from = source; from < data.length; from += 3, to += step) {
      values[to] = table[data[from] ?? 0] ?? 0;
    }
  }
  return { data: values, dims: planar ? [1, 3, height, width] : [1, height, width, 3] };
}

/** Computes the value of each of the 256 pixel values once. */
const lookUp = (scale: number, mean: number, std: number) =>
  Float32Array.from({ length: 256 }, (_, pixel) => (pixel * scale - mean) / std);
