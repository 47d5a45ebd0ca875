import type { IncomingMessage } from 'node:http';

import { ApiError } from './api-error.ts';

/** Reads the whole body like `readChunks`, as one buffer. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks = await readChunks(request, limitBytes);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * Reads the whole body. Rejects if the client disconnects before its end.
 * @throws ApiError 413 if it exceeds the limit; the rest is then read and dropped
 */
export async function readChunks(request: IncomingMessage, limitBytes: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  const read = Promise.withResolvers<void>();
  // Events are used because an async iterator per request costs more than the rest of the reading.
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  });
  request.once('end', read.resolve).once('error', read.reject);
  if (request.readableAborted) read.reject(new Error('The client has gone.'));
  await read.promise;
  if (size > limitBytes) {
    throw new ApiError('RequestEntityTooLarge', `The body has more than ${limitBytes} bytes.`, 413);
  }
  return chunks;
}
