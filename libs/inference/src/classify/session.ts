import { InferenceSession } from 'onnxruntime-node';

import { ModelError } from '../model/model-error.ts';
import { turnOffRuntimeTelemetry } from './runtime-telemetry.ts';

/**
 * Opens a model file.
 * @throws ModelError if it is not a model or onnxruntime cannot run it
 */
export async function openSession(file: string): Promise<InferenceSession> {
  turnOffRuntimeTelemetry();
  return await InferenceSession.create(file, {
    // One thread per session: a pool of processes uses the cores better than several threads per image.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  }).catch((error: unknown) => {
    throw modelFault(file, `cannot be opened: ${(error as Error).message}`, error);
  });
}

/** @param fault the end of the sentence "The model FILE ..." */
export const modelFault = (file: string, fault: string, cause?: unknown) =>
  new ModelError(`The model ${file} ${fault}.`, { cause });
