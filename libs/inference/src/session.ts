import { InferenceSession } from 'onnxruntime-node';

import { ModelError } from './model-error.ts';
import { turnOffRuntimeTelemetry } from './runtime-telemetry.ts';

/**
 * Opens a model file.
 * @throws ModelError when it is no model, or one that cannot be run here
 */
export async function openSession(file: string): Promise<InferenceSession> {
  turnOffRuntimeTelemetry();
  return await InferenceSession.create(file, {
    // One thread a session: a pool of them uses the cores better than threads within one picture.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  }).catch((error: unknown) => {
    throw modelFault(file, `cannot be opened: ${(error as Error).message}`, error);
  });
}

/** @param what goes on with the sentence "The model FILE ..." */
export const modelFault = (file: string, what: string, cause?: unknown) =>
  new ModelError(`The model ${file} ${what}.`, { cause });
