import { explain } from '@labelfleet/runtime';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The names of files that are taken from a folder. */
export const IMAGE_NAME = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

export type Expanded =
  { kind: 'file'; file: string } | { kind: 'failed'; file: string; detail: string };

/**
 * The files that paths mean: a file is itself, whatever its name; a folder is the images in it and in the folders
 * below it, in the order a person counts. Hidden files and folders are left out, and links to folders are not
 * followed, as they may lead in a circle. What is not there is a failure in its place.
 */
export async function expandPaths(paths: readonly string[]): Promise<Expanded[]> {
  const all: Expanded[] = [];
  for (const path of paths) {
    // A loop and not the spread of an array into push: a folder may hold more files than a call takes arguments.
    for (const one of await expand(path)) all.push(one);
  }
  return all;
}

async function expand(path: string): Promise<Expanded[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    // The reading of the file says why it cannot be read.
    () => false,
  );
  if (!isFolder) return [{ kind: 'file', file: path }];
  const images = await imagesBelow(path);
  const none =
    'There is no image in this folder (.jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff).';
  return images.length > 0 ? images : [{ kind: 'failed', file: path, detail: none }];
}

async function imagesBelow(folder: string): Promise<Expanded[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    return [{ kind: 'failed', file: folder, detail: explain(error) }];
  }
  const found: Expanded[] = [];
  for (const entry of entries.sort((a, b) => byNumber(a.name, b.name))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const one of await imagesBelow(path)) found.push(one);
    else if (IMAGE_NAME.test(entry.name)) found.push({ kind: 'file', file: path });
  }
  return found;
}

/** `test_2` before `test_10`. */
const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
