import type { ModelIdentity, Prediction } from '@labelfleet/contracts';

/** Why a picture cannot be classified, whoever tries. */
export type BadImage = {
  kind: 'bad-image';
  reason: 'unsupported-type' | 'undecodable' | 'too-many-pixels' | 'too-costly';
  /** For the caller: what is wrong with the picture. */
  detail: string;
};

export type Classified = {
  kind: 'classified';
  /** Best first, `topK` of them (all classes where there are fewer). */
  predictions: Prediction[];
  /** Decoding and preprocessing. */
  decodeMs: number;
  inferMs: number;
};

/**
 * A model ready to run. A bad image is a value; a rejection means that the model or its process failed and
 * the image may be tried again.
 */
export interface Classifier extends AsyncDisposable {
  readonly model: ModelIdentity;
  /** Resolves with the reason when it can classify no more: what it runs on cannot be started again. */
  readonly broken: Promise<string>;
  /**
   * Resolves when an image can be classified at once. Until the reservation is disposed of it is room for one.
   * @param signal ends the wait; the promise rejects with its reason
   */
  reserve(signal: AbortSignal): Promise<Reservation>;
  /** Waits for room and classifies. */
  classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage>;
}

export interface Reservation extends Disposable {
  /** Classifies one encoded image (JPEG, PNG, WebP, GIF, AVIF or TIFF) off the event loop. */
  classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage>;
}

export interface ClassifyOptions {
  topK: number;
  /** Ends work that takes too long: its process is killed, and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}
