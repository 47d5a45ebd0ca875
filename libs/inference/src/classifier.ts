import type { ModelDescription, ModelIdentity, Prediction } from '@labelfleet/contracts';

/** An image that no worker can classify. */
export type BadImage = {
  kind: 'bad-image';
  reason: 'unsupported-type' | 'undecodable' | 'too-many-pixels' | 'too-costly';
  /** Tells the caller what is wrong with the image and what to do. */
  detail: string;
};

export type Classified = {
  kind: 'classified';
  /** The `topK` best predictions, best first; all classes if there are fewer. */
  predictions: Prediction[];
  /** Time of decoding and preprocessing. */
  decodeMs: number;
  inferMs: number;
};

/** Requests get the next free slot before images of jobs. */
export type Priority = 'request' | 'job';

/**
 * A model that is ready to run. A bad image is an outcome; a rejection means that the model or its process failed, and
 * another attempt may succeed.
 */
export interface Classifier extends AsyncDisposable {
  readonly model: ModelIdentity;
  /** What the model knows. */
  readonly description: ModelDescription;
  /** Resolves with the reason when the classifier is permanently unable to classify. */
  readonly broken: Promise<string>;
  /** How many callers wait for a slot. */
  readonly waiting: number;
  /**
   * Waits for a free slot and reserves it for one image until the reservation is disposed.
   * @param signal cancels the wait; the promise rejects with its reason
   * @param priority default: `request`
   */
  reserve(signal: AbortSignal, priority?: Priority): Promise<Reservation>;
  /** Waits for a free slot and classifies. */
  classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage>;
}

export interface Reservation extends Disposable {
  /** Classifies one encoded image (JPEG, PNG, WebP, GIF, AVIF or TIFF) off the event loop. */
  classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage>;
}

export interface ClassifyOptions {
  topK: number;
  /** Cancels the call: kills the process and rejects with the signal's reason. */
  signal?: AbortSignal;
}
