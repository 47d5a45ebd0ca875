import { byNumber, IMAGE_ENDINGS, IMAGE_NAME } from '@labelfleet/cli/image-names';
import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lists the paths of the images in a folder, but not in the folders below it, sorted with numbers in numeric order:
 * `test_2` before `test_10`. For the path of a file, it returns that path.
 * @throws StartError if the folder does not exist or contains no image
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
  throw new StartError(`There is no image in ${path} (${IMAGE_ENDINGS})`, EXIT.noInput);
}
