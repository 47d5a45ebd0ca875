import * as z from 'zod';
import type { RequestMessage } from './request-message.ts';
import { DEFAULT_TOP_K, requestOptionsSchema, type RequestOptions } from './request-options.ts';

/** The request fields stored with an image. With its key, they suffice to rebuild a lost message. */
export interface ImageRequest extends RequestOptions, Pick<RequestMessage, 'replyTo'> {
  /** Trace context of the request. */
  traceparent?: string | undefined;
}

/**
 * Encodes the request fields as S3 metadata, which must be ASCII and at most 2 KB with the keys. The file name is
 * percent-encoded, at most 1 KB.
 */
export function encodeImageMetadata(request: ImageRequest): Record<string, string> {
  const { fileName, topK, minPrecision, deadlineAt, caller, notify, batchId, replyTo } = request;
  const metadata = {
    'file-name': fileName && encodeURIComponent(fileName),
    'top-k': String(topK),
    'min-precision': minPrecision === undefined ? undefined : String(minPrecision),
    'deadline-at': deadlineAt,
    caller,
    notify,
    'batch-id': batchId,
    'reply-to': replyTo,
    traceparent: request.traceparent,
  };
  return Object.fromEntries(
    Object.entries(metadata).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const options = requestOptionsSchema.shape;

/** Images of earlier versions have only a file name, and an operator may have uploaded an image manually. */
const metadataSchema = z
  .object({
    'file-name': z
      .string()
      .optional()
      .transform((encoded) => encoded && decodeFileName(encoded))
      .pipe(options.fileName)
      .catch(undefined),
    'top-k': z.coerce.number().pipe(options.topK).catch(DEFAULT_TOP_K),
    'min-precision': z.coerce
      .number()
      .pipe(options.minPrecision.unwrap())
      .optional()
      .catch(undefined),
    'deadline-at': options.deadlineAt.catch(undefined),
    caller: options.caller.catch(undefined),
    notify: options.notify.catch(undefined),
    'batch-id': options.batchId.catch(undefined),
    'reply-to': z.url().optional().catch(undefined),
    traceparent: z.string().optional(),
  })
  .transform((metadata): ImageRequest => ({
    fileName: metadata['file-name'],
    topK: metadata['top-k'],
    minPrecision: metadata['min-precision'],
    deadlineAt: metadata['deadline-at'],
    caller: metadata.caller,
    notify: metadata.notify,
    batchId: metadata['batch-id'],
    replyTo: metadata['reply-to'],
    traceparent: metadata.traceparent,
  }));

/** Decodes S3 metadata. A missing or invalid field is absent or gets its default. */
export const decodeImageMetadata = (metadata: Readonly<Record<string, string>>): ImageRequest =>
  metadataSchema.parse(metadata);

function decodeFileName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // A gateway did not write it: return it unchanged.
    return encoded;
  }
}
