import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { ApiError } from '../api-error.ts';
import type { Bucket } from '../s3/bucket.ts';

/**
 * Sends an object for display in a browser. Its content must not act on this server in the user's name, so it gets an
 * opaque origin and no scripts.
 */
export async function sendObject(
  response: ServerResponse,
  bucket: Bucket,
  key: string,
): Promise<void> {
  const opened = await bucket.open(key);
  if (opened === undefined) throw new ApiError('NoSuchKey', `There is no object ${key}.`, 404);
  await using file = opened.file;
  const { headers, size } = opened.info;
  response.writeHead(200, {
    'content-type': headers['content-type'] ?? 'application/octet-stream',
    ...(headers['content-encoding'] === undefined
      ? {}
      : { 'content-encoding': headers['content-encoding'] }),
    'content-length': size,
    'content-security-policy':
      "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  if (size === 0) response.end();
  else
    await pipeline(file.createReadStream({ start: 0, end: size - 1, autoClose: false }), response);
}
