import { imagenetClasses, parseClassList, type ClassName } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const IMAGE_NAME = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/** The folders in a folder, by name. @throws StartError when it cannot be read */
export async function listFolders(data: string): Promise<string[]> {
  try {
    const entries = await readdir(data, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    const message = `The pictures cannot be read: ${(error as Error).message}`;
    throw new StartError(message, EXIT.noInput, { cause: error });
  }
}

export async function listImages(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => IMAGE_NAME.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** What ids of classes mean: by labels.tsv in the folder or beside it, or else as in ImageNet. */
export async function readClassList(data: string): Promise<ClassName[]> {
  for (const folder of [data, dirname(resolve(data))]) {
    try {
      return parseClassList(await readFile(join(folder, 'labels.tsv'), 'utf8'));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return await imagenetClasses();
}
