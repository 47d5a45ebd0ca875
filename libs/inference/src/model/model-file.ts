import { explain } from '@labelfleet/runtime/system-error';
import { open } from 'node:fs/promises';

import { ModelError } from './model-error.ts';

/** The first line of a Git LFS pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const LFS_POINTER = /^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\//;

/** Larger than any pointer. */
const POINTER_BYTES = 1024;

/** Whether a text is a Git LFS pointer, which Git stores in place of a file's content. */
export const isLfsPointer = (beginning: Uint8Array | string): boolean =>
  LFS_POINTER.test(
    typeof beginning === 'string' ? beginning : new TextDecoder('latin1').decode(beginning),
  );

/** The fault of a pointer, and what to do, as the end of a sentence about the file. */
export const LFS_POINTER_FAULT =
  'is a Git LFS pointer, not the file itself. Download the file with "git lfs pull" in its repository';

/**
 * Checks that a model file can be read, is not empty and is not a Git LFS pointer.
 * @throws ModelError if a check fails
 */
export async function requireRealFile(path: string): Promise<void> {
  const beginning = await readBeginning(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (beginning.byteLength === 0) {
    throw new ModelError(`${path} is empty. Copy or download it again.`);
  }
  if (isLfsPointer(beginning)) throw new ModelError(`${path} ${LFS_POINTER_FAULT}.`);
}

export const unreadable = (path: string, cause: unknown): ModelError =>
  new ModelError(`The model's ${path} cannot be read: ${explain(cause)}`, { cause });

async function readBeginning(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(POINTER_BYTES), 0, POINTER_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
