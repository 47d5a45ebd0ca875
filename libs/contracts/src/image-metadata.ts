import * as z from 'zod';
import { DEFAULT_TOP_K, requestMessageSchema, type RequestMessage } from './request-message.ts';

/** What a stored image tells of its request: with its key, enough to make the message again when it is gone. */
export interface ImageRequest extends Pick<
  RequestMessage,
  'fileName' | 'topK' | 'replyTo' | 'deadlineAt'
> {
  /** Trace context of the request. */
  traceparent?: string | undefined;
}

/**
 * As metadata of the image in the input bucket. S3 takes ASCII, 2 KB with the names: the file name is
 * percent-encoded, 1 KB at most.
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

/** Images of earlier versions have their file name only, and others may have put an image by hand. */
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

/** Of whatever was put with an image; what is missing or makes no sense is absent, or has its default. */
export const decodeImageMetadata = (metadata: Readonly<Record<string, string>>): ImageRequest =>
  metadataSchema.parse(metadata);

function decodeFileName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not put by a gateway: shown as it is.
    return encoded;
  }
}
