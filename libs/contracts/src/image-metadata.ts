import * as z from 'zod';
import { DEFAULT_TOP_K, requestMessageSchema, type RequestMessage } from './request-message.ts';

/** The request fields stored with an image. With its key, they suffice to rebuild a lost message. */
export interface ImageRequest extends Pick<
  RequestMessage,
  'fileName' | 'topK' | 'replyTo' | 'deadlineAt'
> {
  /** Trace context of the request. */
  traceparent?: string | undefined;
}

/**
 * Encodes the request fields as S3 metadata, which must be ASCII and at most 2 KB with the keys. The file name is
 * percent-encoded, at most 1 KB.
 */
export function encodeImageMetadata(request: ImageRequest): Record<string, string> {
  const { fileName, topK, replyTo, deadlineAt, traceparent } = request;
  return {
    ...(fileName !== undefined && { 'file-name': encodeURIComponent(fileName) }),
    'top-k': String(topK),
    ...(replyTo !== undefined && { 'reply-to': replyTo }),
    ...(deadlineAt !== undefined && { 'deadline-at': deadlineAt }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

const { fileName, topK, replyTo, deadlineAt } = requestMessageSchema.shape;

/** Images of earlier versions have only a file name, and an operator may have uploaded an image manually. */
const metadataSchema = z
  .object({
    'file-name': z
      .string()
      .optional()
      .transform((encoded) => encoded && decodeFileName(encoded))
      .pipe(fileName)
      .catch(undefined),
    'top-k': z.coerce.number().pipe(topK).catch(DEFAULT_TOP_K),
    'reply-to': replyTo.catch(undefined),
    'deadline-at': deadlineAt.catch(undefined),
    traceparent: z.string().optional(),
  })
  .transform((metadata): ImageRequest => ({
    fileName: metadata['file-name'],
    topK: metadata['top-k'],
    replyTo: metadata['reply-to'],
    deadlineAt: metadata['deadline-at'],
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
