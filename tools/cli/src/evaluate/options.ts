import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Measures how well a model labels images whose classes are known.

  npm run model:evaluate -- --data FOLDER [options]

FOLDER contains one folder of images per class. Its name is the class's label or its WordNet id. The file
labels.tsv in FOLDER or its parent maps ids to labels (lines of id, tab, label); without it, ImageNet's ids hold.

  --none-of-these FOLDER
                images that show none of the model's classes: how many of them get a label
  --share P     their share of all images, for the precision with them (default: 0.1)
  --save        write accuracy and calibration table into the model's manifest.json, and the table into its README.md
  --model DIR   a model directory (default: MODEL_DIR, or the embedded model)
  --threads N   how many images to classify at once (default: the number of cores)
  --json        print one JSON object that includes every class
  --help        print this text

top-1 and top-5 are the shares of images whose class is the first label, or one of the first five.
The calibration error compares scores with the share of right labels. Images are sorted by the score of their
first label into 15 bins of equal width, and
  error = sum over bins of (images in bin / all images) x |share right in bin - mean score in bin|.
For a demanded precision the table has the lowest score from which on the labels are that precise with 95 %
confidence (exact binomial bound), and the share of images that still get a label. AUROC is the probability that an
image of the model's classes has a higher score than one that shows none of them.`;

const { fault, parse } = commandLine(USAGE);

export interface Options {
  data: string;
  /** Default: MODEL_DIR, or the embedded model. */
  modelDir?: string | undefined;
  /** Default: one per core. */
  threads?: number;
  /** A folder of images of none of the model's classes. */
  noneOfThese?: string;
  /** Their assumed share of all images. */
  share: number;
  save: boolean;
  json: boolean;
}

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options | 'help' {
  const { data, model, threads, json, help, save, ...others } = parseKnown(args);
  if (help) return 'help';
  if (data === undefined) throw fault('--data is missing. Give the folder of the images.');
  if (threads !== undefined && !/^[1-9]\d{0,2}$/.test(threads)) {
    throw fault(`--threads ${threads}: must be a whole number from 1 to 999.`);
  }
  const share = Number(others.share);
  if (!(share > 0 && share < 1))
    throw fault(`--share ${others.share}: must be a number between 0 and 1.`);
  const noneOfThese = others['none-of-these'];
  return {
    ...{ data, json, save, share },
    ...(noneOfThese !== undefined && { noneOfThese }),
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
      'none-of-these': { type: 'string' },
      share: { type: 'string', default: '0.1' },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}
