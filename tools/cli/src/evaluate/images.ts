import { imagenetClasses, parseClassList, type ClassName } from '@labelfleet/inference/model-tools';
import { EXIT, explain, isSystemError, StartError } from '@labelfleet/runtime';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IMAGE_NAME } from '../image-names.ts';

/** Lists the folders in a folder, sorted by name. @throws StartError if the folder cannot be read */
export async function listFolders(data: string): Promise<string[]> {
  try {
    const entries = await readdir(data, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw unreadable(data, error);
  }
}

/** @throws StartError if the folder cannot be read */
export async function listImages(folder: string): Promise<string[]> {
  const all = await readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const names = all.filter((name) => IMAGE_NAME.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** Reads the labels of class ids from labels.tsv in the folder or its parent; without one, they are ImageNet's. */
export async function readClassList(data: string): Promise<ClassName[]> {
  for (const folder of [data, dirname(resolve(data))]) {
    const file = join(folder, 'labels.tsv');
    try {
      return parseClassList(await readFile(file, 'utf8'));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code !== 'ENOENT') throw unreadable(file, error);
    }
  }
  return await imagenetClasses();
}

const unreadable = (path: string, cause: unknown) =>
  new StartError(`${path} cannot be read: ${explain(cause)}`, EXIT.noInput, { cause });
