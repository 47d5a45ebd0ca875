import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Says how well a model labels pictures whose classes are known.

  npm run model:evaluate -- --data FOLDER [options]

FOLDER holds a folder of pictures for each class. Its name is the class's label, or its WordNet id as
labels.tsv in FOLDER or beside it has it (lines of id, tab, label); without that file, as ImageNet has it.

  --model DIR   a model directory (MODEL_DIR, or the embedded model)
  --threads N   how many pictures at the same time (all cores)
  --json        one JSON object, with every class
  --help        this text

top-1 and top-5 are the share of pictures whose class is the first, or one of the first five, labels.
The calibration error tells how far scores are from the share that is right: the pictures are sorted by
the score of their first label into 15 bins of equal width, and
  error = sum over bins of (pictures in bin / all pictures) x |share right in bin - mean score in bin|.`;

const { fault, parse } = commandLine(USAGE);

export interface Options {
  data: string;
  /** Absent: MODEL_DIR's, or the embedded model. */
  modelDir?: string | undefined;
  /** Absent: one a core. */
  threads?: number;
  json: boolean;
}

/** @throws StartError when the command line is wrong */
export function parseOptions(args: string[]): Options | 'help' {
  const { data, model, threads, json, help } = parseKnown(args);
  if (help) return 'help';
  if (data === undefined) throw fault('Which pictures? Give their folder with --data.');
  if (threads !== undefined && !/^[1-9]\d{0,2}$/.test(threads)) {
    throw fault(`--threads ${threads}: must be a whole number, 1 or more.`);
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
