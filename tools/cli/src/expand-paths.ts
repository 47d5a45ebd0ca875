import { explain } from '@labelfleet/runtime';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byNumber, IMAGE_ENDINGS, IMAGE_NAME } from './image-names.ts';

export type Expanded =
  { kind: 'file'; file: string } | { kind: 'failed'; file: string; detail: string };

/**
 * Replaces each folder by the images in it and in the folders below it, sorted by name with numbers in numeric
 * order. Files are kept whatever their names. Hidden files and folders are skipped. Links to folders are not
 * followed, because they may form a cycle. A folder that cannot be read becomes a failure in its position.
 * @param onLeftOut gets each file that is left out for its name, but no hidden one
 */
export async function expandPaths(
  paths: readonly string[],
  onLeftOut: (file: string) => void = () => undefined,
): Promise<Expanded[]> {
  const all: Expanded[] = [];
  for (const path of paths) {
    // A spread into push fails for large folders: a call takes a limited number of arguments.
    for (const one of await expand(path, onLeftOut)) all.push(one);
  }
  return all;
}

async function expand(path: string, onLeftOut: (file: string) => void): Promise<Expanded[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    // Reading the file later reports why it cannot be read.
    () => false,
  );
  if (!isFolder) return [{ kind: 'file', file: path }];
  const images = await imagesBelow(path, onLeftOut);
  const none = `There is no image in this folder (${IMAGE_ENDINGS}).`;
  return images.length > 0 ? images : [{ kind: 'failed', file: path, detail: none }];
}

async function imagesBelow(folder: string, onLeftOut: (file: string) => void): Promise<Expanded[]> {
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
    if (entry.isDirectory()) {
      for (const one of await imagesBelow(path, onLeftOut)) found.push(one);
    } else if (IMAGE_NAME.test(entry.name)) found.push({ kind: 'file', file: path });
    else onLeftOut(path);
  }
  return found;
}
