import { Tensor, type InferenceSession } from 'onnxruntime-node';

import type { BadImage, Classified } from '../classifier.ts';
import { decode } from '../decode/decode.ts';
import { labelCountFault } from '../model/labels.ts';
import type { ModelDir } from '../model/model-dir.ts';
import { postprocess } from './postprocess.ts';
import { preprocess, type InputTensor } from './preprocess.ts';
import { modelFault, openSession } from './session.ts';
import { readSignature, type Signature } from './signature.ts';

/** The side of the warm-up image for a model that accepts any size. */
const WARM_UP_SIDE = 224;

/**
 * Runs a model on the calling thread: `run` blocks that thread until the inference is done.
 */
export class OnnxClassifier implements AsyncDisposable {
  readonly #session: InferenceSession;
  readonly #signature: Signature;
  readonly #model: ModelDir;
  readonly #maxPixels: number;

  private constructor(
    session: InferenceSession,
    signature: Signature,
    model: ModelDir,
    maxPixels: number,
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#model = model;
    this.#maxPixels = maxPixels;
  }

  /**
   * Opens a model, checks its shapes against the manifest and the labels, and warms it up with an empty image,
   * because the first run is slower.
   * @throws ModelError
   */
  static async open(
    model: ModelDir,
    { maxPixels }: { maxPixels: number },
  ): Promise<OnnxClassifier> {
    const session = await openSession(model.file);
    const { input } = model.manifest;
    const signature = readSignature(session.inputMetadata, session.outputMetadata, input);
    if ('fault' in signature) throw modelFault(model.file, signature.fault);
    const classifier = new OnnxClassifier(session, signature, model, maxPixels);
    await classifier.#warmUp();
    return classifier;
  }

  /**
   * Rejects when the model fails; a bad image is an outcome.
   * @param onDecoded called when the image is decoded, before inference blocks this thread
   */
  async classify(
    image: Uint8Array,
    topK: number,
    onDecoded?: () => void,
  ): Promise<Classified | BadImage> {
    const { input, output } = this.#model.manifest;
    const start = performance.now();
    const decoded = await decode(image, input, this.#maxPixels);
    if (decoded.kind === 'bad-image') return decoded;
    const tensor = preprocess(decoded.raster, input);
    const prepared = performance.now();
    onDecoded?.();
    const row = await this.run(tensor);
    const predictions = postprocess(row, output, this.#model.labels, topK).map((prediction) => ({
      ...prediction,
      score: fourDigits(prediction.score),
    }));
    const done = performance.now();
    return {
      kind: 'classified',
      predictions,
      decodeMs: prepared - start,
      inferMs: done - prepared,
    };
  }

  /** Returns the network's output for one image, one value per class. */
  async run({ data, dims }: InputTensor): Promise<Float32Array> {
    const { input, output } = this.#signature;
    const results = await this.#session.run({ [input]: new Tensor('float32', data, dims) }, [
      output,
    ]);
    const row = results[output]?.data;
    if (!(row instanceof Float32Array))
      throw new TypeError(`The model gave no float32 "${output}".`);
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }

  /** Checks the number of classes with a run, because the file may not define the output shape. */
  async #warmUp(): Promise<void> {
    const { input } = this.#model.manifest;
    const stretched = input.resize.mode === 'stretch' ? input.resize.size : WARM_UP_SIDE;
    const width = input.width ?? stretched;
    const height = input.height ?? stretched;
    const data = new Uint8Array(3 * width * height);
    const row = await this.run(preprocess({ data, width, height }, input)).catch(
      (error: unknown) => {
        throw modelFault(this.#model.file, `cannot run: ${(error as Error).message}`, error);
      },
    );
    const { file, labels } = this.#model;
    if (row.length !== labels.length) {
      throw modelFault(file, labelCountFault(row.length, labels.length));
    }
  }
}

/** More digits mean nothing: the same image gives others on another processor. */
const fourDigits = (score: number): number => Math.round(score * 10_000) / 10_000;
