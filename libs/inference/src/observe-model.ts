import { decode } from './decode.ts';
import type { ModelInput, ModelOutput } from './manifest.ts';
import type { ModelDir } from './model-dir.ts';
import { requireRealFile } from './model-file.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { preprocess } from './preprocess.ts';
import { modelFault, openSession } from './session.ts';
import { readTensors } from './signature.ts';

/** What an ONNX file says of the picture it takes; null is any size. */
export interface ModelShape {
  /** As the file has them, the batch axis first. Empty where it says nothing. */
  input: (number | null)[];
}

/**
 * Reads a model file's own shapes.
 * @throws ModelError when it is no model, or none that takes one picture and gives scores
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
 * Whether a model gives logits or probabilities, by what it makes of a picture; the manifest's own word on
 * that is not used.
 * @throws ModelError when model, manifest and labels do not fit
 */
export async function observeOutputKind(
  model: ModelDir,
  picture: Uint8Array,
  maxPixels: number,
): Promise<ModelOutput['kind']> {
  await using classifier = await OnnxClassifier.open(model, { maxPixels });
  return outputKind(await observeRow(classifier, model.manifest.input, picture, maxPixels));
}

/**
 * What a model gives for a picture that is brought to it in this way, which need not be its manifest's; layout and
 * size must be. @throws RangeError where the picture cannot be decoded
 */
export async function observeRow(
  classifier: OnnxClassifier,
  input: ModelInput,
  picture: Uint8Array,
  maxPixels: number,
): Promise<Float32Array> {
  const decoded = await decode(picture, input, maxPixels);
  if (decoded.kind === 'bad-image') throw new RangeError(decoded.detail);
  return await classifier.run(preprocess(decoded.raster, input));
}

/** How far from 1 the sum of probabilities may be: they are rounded to 32 bits, or come from 8. */
const TOLERANCE = 1e-3;

/** Probabilities are none below 0 and add up to 1; a row of logits does so by the rarest of chances. */
export function outputKind(row: Float32Array): ModelOutput['kind'] {
  const sum = row.reduce((a, b) => a + b, 0);
  const isDistribution = row.every((value) => value >= 0) && Math.abs(sum - 1) <= TOLERANCE;
  return isDistribution ? 'probabilities' : 'logits';
}
