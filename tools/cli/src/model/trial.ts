import { ModelError } from '@labelfleet/inference';
import { OnnxClassifier, readModelDir } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MAX_PIXELS } from '../open-model.ts';

/** An example image of a class that most models have. */
export const sampleImage = fileURLToPath(
  new URL('../../../../examples/orange.jpg', import.meta.url),
);

export interface Trial {
  name: string;
  version: string;
  /** Labels with scores, best first: `orange 0.88`. */
  top: string[];
}

/**
 * Opens a model directory as a worker does, but in this thread, and classifies the sample image.
 * @throws StartError if the directory cannot be used
 */
export async function tryModel(dir: string, topK: number): Promise<Trial> {
  const { model, classifier: opened } = await open(dir);
  await using classifier = opened;
  const outcome = await classifier
    .classify(await readFile(sampleImage), topK)
    .catch((error: unknown) => {
      const message = `The model ${model.file} fails on a sample image: ${(error as Error).message}`;
      throw new StartError(message, EXIT.noInput, { cause: error });
    });
  if (outcome.kind === 'bad-image') throw new Error(outcome.detail);
  const top = outcome.predictions.map(({ label, score }) => `${label} ${score.toFixed(2)}`);
  const { name, version } = model.manifest;
  return { name, version, top };
}

async function open(dir: string) {
  try {
    const model = await readModelDir(dir);
    return { model, classifier: await OnnxClassifier.open(model, { maxPixels: MAX_PIXELS }) };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
