import { closeSync, openSync, writeFileSync, writevSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import * as z from 'zod';

/** The metadata of an object. */
export const objectInfo = z.object({
  key: z.string(),
  size: z.int(),
  etag: z.string(),
  lastModifiedMs: z.number(),
  /** Base64 by algorithm. */
  checksums: z.record(z.string(), z.string()),
  /** Headers such as Content-Type and user metadata, with lower-case names, which a read returns unchanged. */
  headers: z.record(z.string(), z.string()),
  /** Only for an object that was uploaded in parts. */
  multipart: z
    .object({
      uploadId: z.string(),
      checksumType: z.enum(['FULL_OBJECT', 'COMPOSITE']),
      partSizes: z.array(z.int()),
    })
    .optional(),
});

export type ObjectInfo = z.output<typeof objectInfo>;

/**
 * Completes an object's file with its metadata. The file starts with the object's bytes, so that other programs can open
 * it. The metadata in JSON follows, and then the length of that JSON in four bytes.
 */
export async function completeFile(
  { path, chunks }: { readonly path: string; readonly chunks: readonly Buffer[] | undefined },
  info: { readonly size: number },
): Promise<void> {
  const json = Buffer.from(JSON.stringify(info));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  if (chunks !== undefined) {
    writeNewFile(path, [...chunks, json, length]);
    return;
  }
  await using file = await open(path, 'r+');
  await writeAll(file, Buffer.concat([json, length]), info.size);
}

function writeNewFile(path: string, chunks: readonly Buffer[]): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    const written = writevSync(file, chunks);
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    // A nearly full disk takes only a part, and the next write then fails.
    if (written < size) writeFileSync(file, Buffer.concat(chunks).subarray(written));
  } finally {
    closeSync(file);
  }
}

/** Repeats partial writes, which happen when the disk is nearly full. @throws if it is full */
export async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const left = bytes.length - done;
    done += (await file.write(bytes, done, left, at + done)).bytesWritten;
  }
}

/** Reads the metadata that `completeFile` wrote; null if the file has none. */
export async function readInfo<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  const readExactly = async (at: number, length: number): Promise<Buffer | null> => {
    if (at < 0) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return bytesRead === length ? buffer : null;
  };
  const length = (await readExactly(size - 4, 4))?.readUInt32BE();
  const json = length === undefined ? null : await readExactly(size - 4 - length, length);
  return json === null ? null : parseInfo(json.toString(), shape);
}

function parseInfo<T>(json: string, shape: z.ZodType<T>): T | null {
  try {
    return shape.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
