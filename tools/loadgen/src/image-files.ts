import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const IMAGE_NAME = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/**
 * The paths of the images in a folder (not those in folders below it), in the order a person counts:
 * `test_2` before `test_10`. A path that is a file is that file.
 * @throws StartError where there is no such folder, or no image in it
 */
export async function listImages(path: string): Promise<string[]> {
  try {
    if ((await stat(path)).isFile()) return [path];
    const names = (await readdir(path)).filter((name) => IMAGE_NAME.test(name));
    if (names.length > 0) return names.sort(byNumber).map((name) => join(path, name));
  } catch (error) {
    throw new StartError(`The images ${path} cannot be read: ${explain(error)}`, EXIT.noInput, {
      cause: error,
    });
  }
  throw new StartError(
    `There is no image in ${path} (.jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff)`,
    EXIT.noInput,
  );
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
