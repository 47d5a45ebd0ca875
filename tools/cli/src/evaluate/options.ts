import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Measures how well a model labels images whose classes are known.

  npm run model:evaluate -- --data FOLDER [options]

FOLDER contains one folder of images per class. Its name is the class's label or its WordNet id. The file
labels.tsv in FOLDER or its parent maps ids to labels (lines of id, tab, label); without it, ImageNet's ids hold.

  --model DIR   a model directory (default: MODEL_DIR, or the embedded model)
  --threads N   how many images to classify at once (default: the number of cores)
  --json        print one JSON object that includes every class
  --help        print this text

top-1 and top-5 are the shares of images whose class is the first label, or one of the first five.
The calibration error compares scores with the share of right labels. Images are sorted by the score of their
first label into 15 bins of equal width, and
  error = sum over bins of (images in bin / all images) x |share right in bin - mean score in bin|.`;

const { fault, parse } = commandLine(USAGE);

export interface Options {
  data: string;
  /** Default: MODEL_DIR, or the embedded model. */
  modelDir?: string | undefined;
  /** Default: one per core. */
  threads?: number;
  json: boolean;
}

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options | 'help' {
  const { data, model, threads, json, help } = parseKnown(args);
  if (help) return 'help';
  if (data === undefined) throw fault('--data is missing. Give the folder of the images.');
  if (threads !== undefined && !/^[1-9]\d{0,2}$/.test(threads)) {
    throw fault(`--threads ${threads}: must be a whole number from 1 to 999.`);
  }
  return {
    data,
    json,
    ...(model !== undefined && { modelDir: model }),
    ...(threads !== undefined && { threads: Number(threads) }),
  };
}

function parseKnown(args: string[]) {
  return parse({
    args,
    options: {
      data: { type: 'string' },
      model: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}
