import type { ModelInput } from './manifest.ts';

export const PRESETS = ['imagenet', 'tensorflow', 'efficientnet-lite', 'raw'] as const;
export type Preset = (typeof PRESETS)[number];

/** The preprocessing of a family of models, without layout and size. */
export type Preprocessing = Pick<ModelInput, 'resize' | 'scale' | 'mean' | 'std'>;

/**
 * Returns the preprocessing that the models of a family were trained with.
 * @param side side of the network's square input, in pixels; null if it accepts any size
 */
export function presetFor(preset: Preset, side: number | null): Preprocessing {
  switch (preset) {
    case 'imagenet':
      return {
        resize: aroundCrop(side),
        scale: 1 / 255,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      };
    case 'tensorflow':
      // [-1, 1]: pixel / 127.5 - 1, as for Inception, MobileNet and most other models of TensorFlow.
      return { resize: aroundCrop(side), scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
    case 'efficientnet-lite':
      return { resize: aroundCrop(side), scale: 1, mean: [127, 127, 127], std: [128, 128, 128] };
    case 'raw':
      // Stretching does not change an image that already has the input size.
      return {
        resize:
          side === null ? { mode: 'none' } : { mode: 'stretch', size: side, kernel: 'linear' },
        scale: 1 / 255,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      };
  }
}

/** The crop is 87.5 % of the shorter side of the resized image: 224 of 256. */
const aroundCrop = (side: number | null) => ({
  mode: 'shorter-side' as const,
  size: Math.round((side ?? 224) / 0.875),
  kernel: 'linear' as const,
});
