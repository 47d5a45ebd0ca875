import { imagenetClasses, parseLabelList } from '@labelfleet/inference/model-tools';
import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';

/** The name under which the labels of ImageNet-1k, which come with labelfleet, are given instead of a file. */
const IMAGENET = 'imagenet-1k';

/** What a class for the background is called. */
const BACKGROUND = 'background';

/**
 * The labels of a model, in class order.
 * @param source a file, or IMAGENET (a file of that name is ./imagenet-1k)
 * @param background whether the model has a class for the background before those of the list
 * @throws StartError when there are none, or they are no labels
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
