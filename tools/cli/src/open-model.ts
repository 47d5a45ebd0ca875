import { ModelError, openClassifier, type Classifier } from '@labelfleet/inference';
import { EXIT, StartError } from '@labelfleet/runtime';

/** The default of the worker, so that the commands and the service accept the same files. */
export const MAX_PIXELS = 201_326_592;

/** @throws StartError if the model directory cannot be used */
export async function openModel(modelDir: string, threads: number): Promise<Classifier> {
  try {
    return await openClassifier({ modelDir, threads, maxPixels: MAX_PIXELS });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
