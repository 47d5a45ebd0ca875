import { inputFault, PRESETS, presetFor, type ModelInput } from '@labelfleet/inference/model-tools';

/** A preprocessing that models in common use were trained with. */
export interface Candidate {
  /** The options of `model add` that select it. */
  options: string;
  input: ModelInput;
}

/** Preprocessings without a preset: raw pixels, and the means of Caffe's models. */
const UNSCALED = [
  { options: '--scale 1 --mean 0,0,0 --std 1,1,1', mean: [0, 0, 0] },
  {
    options: '--channels BGR --scale 1 --mean 103.939,116.779,123.68 --std 1,1,1',
    mean: [103.939, 116.779, 123.68],
  },
] as const;

/** Returns the preprocessings that fit a model's size and layout, the most common first. */
export function candidatesFor(given: ModelInput): Candidate[] {
  const { width, height, layout } = given;
  const inputWith = (preset: (typeof PRESETS)[number]): ModelInput => {
    const usual = presetFor(preset, width);
    const cuts = usual.resize.mode === 'shorter-side' && width !== null;
    return { width, height, layout, channels: 'RGB', crop: cuts ? 'center' : 'none', ...usual };
  };
  const rgb = PRESETS.map((preset) => ({
    options: `--preset ${preset}`,
    input: inputWith(preset),
  }));
  const unscaled = UNSCALED.map(({ options, mean }): Candidate => {
    const channels = options.includes('BGR') ? 'BGR' : 'RGB';
    return {
      options: `--preset imagenet ${options}`,
      input: { ...inputWith('imagenet'), channels, scale: 1, mean: [...mean], std: [1, 1, 1] },
    };
  });
  const bgr = rgb.map(({ options, input }) => ({
    options: `${options} --channels BGR`,
    input: { ...input, channels: 'BGR' as const },
  }));
  return [...rgb, ...unscaled, ...bgr].filter(({ input }) => inputFault(input) === undefined);
}
