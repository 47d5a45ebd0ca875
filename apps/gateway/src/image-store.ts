import type { ObjectStore } from '@labelfleet/aws/store';
import { imageKey, imagePrefix, requestIdTime } from '@labelfleet/contracts';

/** Name of the object metadata that holds the caller's file name, percent-encoded. */
const FILE_NAME = 'file-name';

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

  /** @returns the image's key */
  async put(
    requestId: string,
    image: { bytes: Uint8Array; mediaType: string; fileName: string | undefined },
  ): Promise<string> {
    const key = imageKey(requestId, image.fileName ?? '');
    await this.#bucket.put(key, image.bytes, {
      contentType: image.mediaType,
      ...(image.fileName !== undefined && {
        metadata: { [FILE_NAME]: encodeURIComponent(image.fileName) },
      }),
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
      fileName: decodeFileName(head.metadata[FILE_NAME]),
      submittedAt: requestIdTime(requestId),
    };
  }
}

function decodeFileName(encoded: string | undefined): string | undefined {
  try {
    return encoded && decodeURIComponent(encoded);
  } catch {
    // Not put by a gateway: shown as it is.
    return encoded;
  }
}
