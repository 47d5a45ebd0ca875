import type { ServerResponse } from 'node:http';
import { open } from 'node:fs/promises';

import { sendText } from './send.ts';

/** Sends the end of a log, up to a limit in bytes. An instance has no log before it runs. */
export async function sendLog(
  response: ServerResponse,
  path: string,
  tailBytes: number,
): Promise<void> {
  await using file = await openIfThere(path);
  if (file === undefined) {
    sendText(response, 200, '');
    return;
  }
  const { size } = await file.stat();
  const start = tailBytes >= 0 ? Math.max(0, size - tailBytes) : 0;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  const text = buffer.subarray(0, bytesRead).toString();
  // The first line may be incomplete, so the output starts with the second.
  sendText(response, 200, start === 0 ? text : text.slice(text.indexOf('\n') + 1));
}

async function openIfThere(path: string) {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
