import type { ModelIdentity, Prediction } from '@labelfleet/contracts';

/** Why a picture cannot be classified, whoever tries. */
export type BadImage = {
  kind: 'bad-image';
  reason: 'unsupported-type' | 'undecodable' | 'too-many-pixels';
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
 * A model ready to run. A bad image is a value; a rejection means that the model or its thread failed and
 * the picture may be tried again.
 */
export interface Classifier extends AsyncDisposable {
  readonly model: ModelIdentity;
  /**
   * Classifies one encoded picture (JPEG, PNG, WebP, GIF, AVIF or TIFF) off the event loop. The bytes may
   * be handed to another thread: do not use them afterwards.
   * @param signal ends a run that takes too long: its thread is killed, and the promise rejects with the signal's reason
   */
  classify(
    image: Uint8Array,
    options: { topK: number; signal?: AbortSignal },
  ): Promise<Classified | BadImage>;
}
