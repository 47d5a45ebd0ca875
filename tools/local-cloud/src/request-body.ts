import type { IncomingMessage } from 'node:http';

import { ApiError } from './api-error.ts';

/** The whole body. @throws ApiError 413 past the limit; the rest is then read and dropped. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  if (size > limitBytes) {
    throw new ApiError('RequestEntityTooLarge', `The body has more than ${limitBytes} bytes.`, 413);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}
