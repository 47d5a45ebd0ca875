import type { InferenceSession } from 'onnxruntime-node';

import type { ModelInput } from '../model/manifest.ts';

/** The names of a model's input and output tensors. */
export interface Signature {
  input: string;
  output: string;
}

type Metadata = InferenceSession.ValueMetadata;
type TensorMetadata = InferenceSession.TensorValueMetadata;

/**
 * Compares a model's inputs and outputs with its manifest.
 * @returns the tensor names, or why model and manifest do not fit
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
 * Finds the tensor for the image and the tensor of the scores.
 * @returns the tensors, or a fault as the end of a sentence about the model
 */
export function readTensors(
  inputs: readonly Metadata[],
  outputs: readonly Metadata[],
): { input: TensorMetadata; output: TensorMetadata } | { fault: string } {
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || inputs.length !== 1) {
    return {
      fault: `takes ${inputs.length} inputs; only models with one input, the image, are supported`,
    };
  }
  if (output === undefined) return { fault: 'has no output' };
  if (!isFloat(input)) return { fault: notFloat(input) };
  if (!isFloat(output)) return { fault: notFloat(output) };
  return { input, output };
}

const isFloat = (value: Metadata): value is TensorMetadata =>
  value.isTensor && value.type === 'float32';

const notFloat = (value: Metadata) =>
  `has "${value.name}" as ${value.isTensor ? value.type : 'something other than a tensor'}, not float32`;

/** A dimension with a name instead of a number accepts any size. */
function shapeFault(shape: readonly (number | string)[], input: ModelInput): string | undefined {
  const { width, height } = input;
  const expected = input.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const fits =
    shape.length === expected.length &&
    shape.every((size, axis) => typeof size === 'string' || size === expected[axis]);
  return fits
    ? undefined
    : `takes ${describe(shape)}, and its manifest gives ${describe(expected)}`;
}

const describe = (shape: readonly (number | string | null)[]) =>
  `[${shape.map((size) => size ?? 'any').join(', ')}]`;
