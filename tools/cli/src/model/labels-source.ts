import { imagenetClasses, parseLabelList } from '@labelfleet/inference/model-tools';
import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';

/** The name that selects the labels of ImageNet-1k, which are built in, instead of a file. */
const IMAGENET = 'imagenet-1k';

/** The label of the background class. */
const BACKGROUND = 'background';

/**
 * Reads the labels of a model, in class order.
 * @param source a file, or IMAGENET (for a file of that name, write ./imagenet-1k)
 * @param background true if the model has a background class before the classes of the list
 * @throws StartError if the file cannot be read or is not a list of labels
 */
export async function readLabels(source: string, background: boolean): Promise<string[]> {
  const labels =
    source === IMAGENET
      ? (await imagenetClasses()).map(({ label }) => label)
      : await readList(source);
  return background ? [BACKGROUND, ...labels] : labels;
}

async function readList(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StartError(`The labels ${file} cannot be read: ${explain(error)}`, EXIT.noInput, {
      cause: error,
    });
  });
  const list = parseLabelList(text);
  if ('fault' in list) throw new StartError(`${file} ${list.fault}.`, EXIT.noInput);
  return list.labels;
}
