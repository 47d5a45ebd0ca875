import type { InferenceSession } from 'onnxruntime-node';

import type { ModelInput } from './manifest.ts';

/** The names a model gives the tensors that are used, and the size of picture to try it with. */
export interface Signature {
  input: string;
  output: string;
}

type Metadata = InferenceSession.ValueMetadata;
type TensorMetadata = InferenceSession.TensorValueMetadata;

/**
 * Compares a model's inputs and outputs with what its manifest says.
 * @returns the names to use, or why the two do not fit
 */
export function readSignature(
  inputs: readonly Metadata[],
  outputs: readonly Metadata[],
  manifest: ModelInput,
): Signature | { fault: string } {
  const tensors = readTensors(inputs, outputs);
  if ('fault' in tensors) return tensors;
  const { input, output } = tensors;
  const fault = shapeFault(input.shape, manifest);
  return fault === undefined ? { input: input.name, output: output.name } : { fault };
}

/**
 * The tensor that takes the picture and the one that gives the scores.
 * @returns or why a model has no such two, as the end of a sentence about it
 */
export function readTensors(
  inputs: readonly Metadata[],
  outputs: readonly Metadata[],
): { input: TensorMetadata; output: TensorMetadata } | { fault: string } {
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || inputs.length !== 1) {
    return { fault: `takes ${inputs.length} inputs, and one picture is what there is to give` };
  }
  if (output === undefined) return { fault: 'has no output' };
  if (!isFloat(input)) return { fault: notFloat(input) };
  if (!isFloat(output)) return { fault: notFloat(output) };
  return { input, output };
}

const isFloat = (value: Metadata): value is TensorMetadata =>
  value.isTensor && value.type === 'float32';

const notFloat = (value: Metadata) =>
  `has "${value.name}" as ${value.isTensor ? value.type : 'no tensor'}, not float32`;

/** A dimension with a name instead of a number takes any size. */
function shapeFault(shape: readonly (number | string)[], input: ModelInput): string | undefined {
  const { width, height } = input;
  const wanted = input.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const fits =
    shape.length === wanted.length &&
    shape.every((has, axis) => typeof has === 'string' || has === wanted[axis]);
  return fits ? undefined : `takes ${describe(shape)}, and its manifest gives ${describe(wanted)}`;
}

const describe = (shape: readonly (number | string | null)[]) =>
  `[${shape.map((size) => size ?? 'any').join(', ')}]`;
