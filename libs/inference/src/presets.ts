import type { ModelInput } from './manifest.ts';

export const PRESETS = ['imagenet', 'tensorflow', 'efficientnet-lite', 'raw'] as const;
export type Preset = (typeof PRESETS)[number];

/** What a family of models is fed, whatever its layout and size. */
export type Preprocessing = Pick<ModelInput, 'resize' | 'scale' | 'mean' | 'std'>;

/**
 * The preprocessing that models of a family were trained with.
 * @param side of the square that the network takes, in pixels; null where it takes any size
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
      // [-1, 1]: pixel / 127.5 - 1, as Inception, MobileNet and most others of TensorFlow are fed.
      return { resize: aroundCrop(side), scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
    case 'efficientnet-lite':
      return { resize: aroundCrop(side), scale: 1, mean: [127, 127, 127], std: [128, 128, 128] };
    case 'raw':
      // A picture that has the network's size already is not changed by the stretching.
      return {
        resize:
          side === null ? { mode: 'none' } : { mode: 'stretch', size: side, kernel: 'linear' },
        scale: 1 / 255,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      };
  }
}

/** The crop is 87.5 % of the resized picture's shorter side: 224 of 256. */
const aroundCrop = (side: number | null) => ({
  mode: 'shorter-side' as const,
  size: Math.round((side ?? 224) / 0.875),
  kernel: 'linear' as const,
});
