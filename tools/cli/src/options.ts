import { MIN_PRECISION_RANGE, parseMinPrecision } from '@labelfleet/contracts';
import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Classifies images: by the model directly, or by a labelfleet service.

  npm run classify -- [options] PATH ...
  npm run classify -- --url http://127.0.0.1:8080/ --output labels.tsv photos s3://bucket/cat.jpg
  find images -name '*.jpg' -print0 | npm run -s classify -- -

PATH is a file or a folder. A folder means all images in it and in the folders below it, without hidden
files and links to folders. With --url it may be s3://BUCKET/KEY. - reads the paths from standard input, one
per line or each ended by NUL.
Prints a line per image: path, tab, label, tab, score (and further pairs with --top-k); with --url, as the results
come. If an image cannot be classified, standard error names it, the others are still classified, and the exit code
is 1. Ctrl-C stops after the images that have their labels.

  --url URL     send the images to the service at this URL. LABELFLEET_API_KEY is its API key, if it needs one
  --output FILE append to this file, without the images that it already has: the same command again continues
  --top-k N     how many labels to print per image (default: 1)
  --min-precision P
                print unknown for the first label where the model was right less often than P (0.5 to 0.99) on
                held-out images of its classes; with --json, "label": null and "unknown": true
  --csv         print CSV with a header; cells that a spreadsheet would take for a formula begin with '
  --json        print one JSON object per line: {"file": ..., "predictions": [{"label", "score", "classIndex"}, ...]},
                which also suits paths with tabs or line breaks; with --url, all that the service says
  --model DIR   a model directory (default: MODEL_DIR, or the embedded model); not with --url
  --help        print this text`;

const { fault, httpUrl, parse, whole } = commandLine(USAGE);

export interface Options {
  /** Files, folders, and at most one `-` for a list on standard input. */
  paths: string[];
  topK: number;
  minPrecision?: number;
  format: 'tsv' | 'csv' | 'json';
  /** The service; undefined: the model directly. */
  url?: URL;
  outputFile?: string;
  /** Default: MODEL_DIR, or the embedded model. */
  modelDir?: string;
}

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options | 'help' {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: {
      'top-k': { type: 'string', default: '1' },
      'min-precision': { type: 'string' },
      csv: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      url: { type: 'string' },
      output: { type: 'string' },
      model: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (positionals.length === 0)
    throw fault('No file is given. Give the path of at least one image.');
  if (positionals.filter((path) => path === '-').length > 1) {
    throw fault('Standard input can be read only once. Give one -.');
  }
  if (values.csv && values.json) throw fault('Give --csv or --json, not both.');
  if (values.url !== undefined && values.model !== undefined)
    throw fault('--model has no effect with --url: the service has its own model.');
  const reference = positionals.find((path) => isReference(path));
  if (reference !== undefined && values.url === undefined) throw needsService(reference);
  const demanded = values['min-precision'];
  const minPrecision = demanded === undefined ? undefined : parseMinPrecision(demanded);
  if (demanded !== undefined && minPrecision === undefined)
    throw fault(`--min-precision ${demanded}: ${MIN_PRECISION_RANGE}.`);
  return {
    paths: positionals,
    topK: whole('--top-k', values['top-k'], 1),
    ...(minPrecision !== undefined && { minPrecision }),
    format: values.csv ? 'csv' : values.json ? 'json' : 'tsv',
    ...(values.url !== undefined && { url: httpUrl('--url', values.url) }),
    ...(values.output !== undefined && { outputFile: values.output }),
    ...(values.model !== undefined && { modelDir: values.model }),
  };
}

export const isReference = (path: string): path is `s3://${string}` => path.startsWith('s3://');

export const needsService = (reference: string) =>
  fault(`${reference}: only the service reads from buckets. Give its --url.`);
