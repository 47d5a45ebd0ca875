import { decode } from '../decode/decode.ts';
import type { ModelInput, ModelOutput } from '../model/manifest.ts';
import type { ModelDir } from '../model/model-dir.ts';
import { requireRealFile } from '../model/model-file.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { preprocess } from './preprocess.ts';
import { modelFault, openSession } from './session.ts';
import { readTensors } from './signature.ts';

/** The input shape of an ONNX file; null means any size. */
export interface ModelShape {
  /** The dimensions in the file, batch axis first; empty if it has none. */
  input: (number | null)[];
}

/**
 * Reads the shapes in a model file.
 * @throws ModelError if it is not a model, or not one with one input and an output of float32
 */
export async function readModelShape(file: string): Promise<ModelShape> {
  await requireRealFile(file);
  const session = await openSession(file);
  try {
    const tensors = readTensors(session.inputMetadata, session.outputMetadata);
    if ('fault' in tensors) throw modelFault(file, tensors.fault);
    return { input: tensors.input.shape.map((size) => (typeof size === 'number' ? size : null)) };
  } finally {
    await session.release();
  }
}

/**
 * Finds out whether a model gives logits or probabilities by running it on an image. Ignores the manifest's value.
 * @throws ModelError if model, manifest and labels do not fit
 */
export async function observeOutputKind(
  model: ModelDir,
  image: Uint8Array,
  maxPixels: number,
): Promise<ModelOutput['kind']> {
  await using classifier = await OnnxClassifier.open(model, { maxPixels });
  return outputKind(await observeRow(classifier, model.manifest.input, image, maxPixels));
}

/**
 * Runs a model on an image with this preprocessing. Its layout and size must be those of the manifest.
 * @throws RangeError if the image cannot be decoded
 */
export async function observeRow(
  classifier: OnnxClassifier,
  input: ModelInput,
  image: Uint8Array,
  maxPixels: number,
): Promise<Float32Array> {
  const decoded = await decode(image, input, maxPixels);
  if (decoded.kind === 'bad-image') throw new RangeError(decoded.detail);
  return await classifier.run(preprocess(decoded.raster, input));
}

/** Tolerance of the sum of probabilities: they are float32, or come from quantized 8-bit values. */
const TOLERANCE = 1e-3;

/** Probabilities are at least 0 and sum to 1; logits are extremely unlikely to. */
export function outputKind(row: Float32Array): ModelOutput['kind'] {
  const sum = row.reduce((a, b) => a + b, 0);
  const isDistribution = row.every((value) => value >= 0) && Math.abs(sum - 1) <= TOLERANCE;
  return isDistribution ? 'probabilities' : 'logits';
}
