import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Bytes in which all parts of an upload differ. */
export function manyBytes(megabytes: number): Buffer {
  const bytes = Buffer.alloc(megabytes * 1_000_000, 'some bytes that repeat');
  for (let at = 0; at + 8 < bytes.length; at += 1000) bytes.writeDoubleBE(at, at);
  return bytes;
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
