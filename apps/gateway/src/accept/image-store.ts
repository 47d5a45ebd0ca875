import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeImageMetadata,
  encodeImageMetadata,
  imageKey,
  imagePrefix,
  requestIdTime,
  type ImageRequest,
} from '@labelfleet/contracts';

export interface QueuedImage {
  requestId: string;
  fileName: string | undefined;
  submittedAt: Date;
}

/** The images in the input bucket, one for each request. */
export class ImageStore {
  readonly #bucket: Pick<ObjectStore, 'put' | 'head' | 'list'>;

  constructor(bucket: Pick<ObjectStore, 'put' | 'head' | 'list'>) {
    this.#bucket = bucket;
  }

  /**
   * Stores an image, with what its message is made of: should that get lost, the scaler makes it again.
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

  /** @returns undefined where no image was stored for the request */
  async find(requestId: string): Promise<QueuedImage | undefined> {
    const [key] = await this.#bucket.list(imagePrefix(requestId), 1);
    const head = key === undefined ? null : await this.#bucket.head(key);
    if (head === null) return undefined;
    return {
      requestId,
      fileName: decodeImageMetadata(head.metadata).fileName,
      submittedAt: requestIdTime(requestId),
    };
  }
}
