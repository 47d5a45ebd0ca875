/** What runs on each thread of the pool: one model, one picture at a time. */
import { workerData } from 'node:worker_threads';
import { worker } from 'workerpool';

import type { BadImage, Classified } from './classifier.ts';
import type { ModelDir } from './model-dir.ts';
import { ModelError } from './model-error.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

/** What the pool gives each thread at its start. */
export interface ThreadData {
  model: ModelDir;
  maxPixels: number;
}

/** How opening the model went, in a form that crosses to the main thread. */
type Opened = { kind: 'ready' } | { kind: 'model-error'; message: string };

export interface ThreadMethods {
  opened(): Promise<Opened>;
  classify(image: Uint8Array, topK: number): Promise<Classified | BadImage>;
}

const { model, maxPixels } = workerData as ThreadData;
const opening = open();

async function open(): Promise<OnnxClassifier | ModelError> {
  try {
    return await OnnxClassifier.open(model, { maxPixels });
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

const methods: ThreadMethods = {
  async opened() {
    const result = await opening;
    return result instanceof ModelError
      ? { kind: 'model-error', message: result.message }
      : { kind: 'ready' };
  },
  async classify(image, topK) {
    const result = await opening;
    if (result instanceof ModelError) throw result;
    return await result.classify(image, topK);
  },
};
worker({ ...methods });
