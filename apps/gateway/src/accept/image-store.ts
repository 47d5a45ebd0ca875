import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeImageMetadata,
  encodeImageMetadata,
  imageKey,
  imagePrefix,
  requestIdTime,
  type ImageRequest,
  type RequestOptions,
} from '@labelfleet/contracts';

export interface QueuedImage {
  requestId: string;
  submittedAt: Date;
  options: RequestOptions;
}

/** The images in the input bucket, one per request. */
export class ImageStore {
  readonly #bucket: Pick<ObjectStore, 'put' | 'head' | 'list'>;

  constructor(bucket: Pick<ObjectStore, 'put' | 'head' | 'list'>) {
    this.#bucket = bucket;
  }

  /**
   * Stores an image, and in its metadata the fields of its message, so that the scaler can send a lost message again.
   * @returns the image's key
   */
  async put(
    requestId: string,
    image: { bytes: Uint8Array; mediaType: string },
    request: ImageRequest,
  ): Promise<string> {
    const key = imageKey(requestId, request.fileName ?? '');
    await this.#bucket.put(key, image.bytes, {
      contentType: image.mediaType,
      metadata: encodeImageMetadata(request),
    });
    return key;
  }

  /** @returns undefined if no image is stored for the request */
  async find(requestId: string): Promise<QueuedImage | undefined> {
    const [key] = await this.#bucket.list(imagePrefix(requestId), 1);
    const head = key === undefined ? null : await this.#bucket.head(key);
    if (head === null) return undefined;
    return {
      requestId,
      submittedAt: requestIdTime(requestId),
      options: decodeImageMetadata(head.metadata),
    };
  }
}
