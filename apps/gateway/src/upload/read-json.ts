import * as z from 'zod';
import { refuse, type Refusal } from '../http/problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { rawFile } from './form-file.ts';
import type { UploadRequest } from './read-upload.ts';
import { receiveBody, type Disconnected } from './receive-body.ts';

/** The longest list that a batch may have, with room for long keys. */
const MAX_JSON_BYTES = 262_144;

const tooLarge = refuse(
  'payload-too-large',
  `The JSON body is larger than ${MAX_JSON_BYTES} bytes. Send a shorter list.`,
);

export const isJson = (contentType: string | undefined): boolean =>
  /^application\/json\s*(;|$)/i.test(contentType ?? '');

/** Reads a JSON body and parses it with a schema. */
export async function readJson<T>(
  request: UploadRequest,
  schema: z.ZodType<T>,
  share: ByteShare,
): Promise<{ kind: 'json'; value: T } | Refusal | Disconnected> {
  if ((request.contentLength ?? 0) > MAX_JSON_BYTES) return tooLarge;
  const limit = { bytes: MAX_JSON_BYTES, exceeded: tooLarge };
  const received = await receiveBody(
    request.body,
    rawFile(share, request.contentLength ?? MAX_JSON_BYTES),
    limit,
    share,
  );
  if (received.kind !== 'file') return received;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(received.bytes));
  } catch (error) {
    return refuse('invalid-parameter', `The body is not JSON: ${(error as Error).message}.`);
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { kind: 'json', value: parsed.data }
    : refuse(
        'invalid-parameter',
        `The JSON body is not as expected. ${z.prettifyError(parsed.error)}`,
      );
}
