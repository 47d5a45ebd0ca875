import { presetFor, type ModelInput, type ModelShape } from '@labelfleet/inference/model-tools';
import type { Answers, Question } from './add-answers.ts';

export type InputPlan =
  | { kind: 'ready'; input: ModelInput }
  /** Neither the file nor the answers determine these. */
  | { kind: 'missing'; missing: Question[] };

/** The side in pixels for presets of models that take any size; nearly all models were trained with it. */
const USUAL_SIDE = 224;

/** Determines a model's input from its shapes, the answers and the preset. */
export function planInput(shape: ModelShape, answers: Answers): InputPlan {
  const layout = answers.layout ?? layoutOf(shape);
  const size = answers.size ?? sizeOf(shape, layout, answers.preset);
  const preset =
    answers.preset === undefined || answers.preset === 'own' || size === undefined
      ? undefined
      : presetFor(answers.preset, size.width);
  const resize = resizeOf(answers, size) ?? preset?.resize;
  const mean = answers.mean ?? preset?.mean;
  const std = answers.std ?? preset?.std;
  if (
    layout === undefined ||
    size === undefined ||
    resize === undefined ||
    mean === undefined ||
    std === undefined ||
    // The mean and deviation depend on the scale, so an own preprocessing must state it.
    (answers.preset === 'own' && answers.scale === undefined)
  ) {
    const hasPreset = answers.preset !== undefined && answers.preset !== 'own';
    const { scale } = answers;
    const needed = { layout, 'input-size': size, ...(!hasPreset && { resize, scale, mean, std }) };
    const missing = (['layout', 'input-size', 'resize', 'scale', 'mean', 'std'] as const).filter(
      (question) => question in needed && needed[question] === undefined,
    );
    return { kind: 'missing', missing };
  }
  const cuts = resize.mode === 'shorter-side' && size.width !== null;
  const input: ModelInput = {
    ...size,
    layout,
    channels: answers.channels ?? 'RGB',
    resize,
    crop: answers.crop ?? (cuts ? 'center' : 'none'),
    scale: answers.scale ?? preset?.scale ?? 1 / 255,
    mean,
    std,
  };
  return { kind: 'ready', input };
}

type Size = Pick<ModelInput, 'width' | 'height'>;

/** The axis of size 3 is the channel axis, unless there are two such axes. */
function layoutOf({ input }: ModelShape): ModelInput['layout'] | undefined {
  if (input.length !== 4 || (input[1] === 3) === (input[3] === 3)) return undefined;
  return input[1] === 3 ? 'NCHW' : 'NHWC';
}

function sizeOf(
  { input }: ModelShape,
  layout: ModelInput['layout'] | undefined,
  preset: Answers['preset'],
): Size | undefined {
  if (layout === undefined || input.length !== 4) return undefined;
  const [height = null, width = null] = layout === 'NCHW' ? input.slice(2) : input.slice(1, 3);
  if (width !== null && height !== null) return { width, height };
  if (preset === undefined || preset === 'own') return undefined;
  return preset === 'raw' ? { width, height } : { width: USUAL_SIDE, height: USUAL_SIDE };
}

function resizeOf(
  { resize, kernel = 'linear' }: Answers,
  size: Size | undefined,
): ModelInput['resize'] | undefined {
  if (resize === undefined) return undefined;
  if (resize === 'none') return { mode: 'none' };
  if (resize !== 'stretch') return { mode: 'shorter-side', size: resize.shorterSide, kernel };
  return { mode: 'stretch', size: size?.width ?? USUAL_SIDE, kernel };
}
