import { inputFault, PRESETS, presetFor, type ModelInput } from '@labelfleet/inference/model-tools';

/** A way to bring images to a model that models in use were trained with. */
export interface Candidate {
  /** How `model add` is told of it. */
  options: string;
  input: ModelInput;
}

/** Beyond the presets: pixels as they are, and the means of Caffe's models. */
const UNSCALED = [
  { options: '--scale 1 --mean 0,0,0 --std 1,1,1', mean: [0, 0, 0] },
  {
    options: '--channels BGR --scale 1 --mean 103.939,116.779,123.68 --std 1,1,1',
    mean: [103.939, 116.779, 123.68],
  },
] as const;

/** The ways that fit a model's size and layout, the most usual first. */
export function candidatesFor(given: ModelInput): Candidate[] {
  const { width, height, layout } = given;
  const fitting = (preset: (typeof PRESETS)[number]): ModelInput => {
    const usual = presetFor(preset, width);
    const cuts = usual.resize.mode === 'shorter-side' && width !== null;
    return { width, height, layout, channels: 'RGB', crop: cuts ? 'center' : 'none', ...usual };
  };
  const rgb = PRESETS.map((preset) => ({ options: `--preset ${preset}`, input: fitting(preset) }));
  const unscaled = UNSCALED.map(({ options, mean }): Candidate => {
    const channels = options.includes('BGR') ? 'BGR' : 'RGB';
    return {
      options: `--preset imagenet ${options}`,
      input: { ...fitting('imagenet'), channels, scale: 1, mean: [...mean], std: [1, 1, 1] },
    };
  });
  const bgr = rgb.map(({ options, input }) => ({
    options: `${options} --channels BGR`,
    input: { ...input, channels: 'BGR' as const },
  }));
  return [...rgb, ...unscaled, ...bgr].filter(({ input }) => inputFault(input) === undefined);
}
