import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Classifies image files with the model directly, without a queue or a fleet.

  npm run classify -- [options] PATH ...
  find images -name '*.jpg' -print0 | npm run -s classify -- -

PATH is a file or a folder. A folder means all images in it and in the folders below it, without hidden
files and links to folders. - reads the paths from standard input, one per line or each ended by NUL.
Prints a line per file: path, tab, label, tab, score (and further pairs with --top-k). If a file cannot be
classified, standard error names it, the others are still classified, and the exit code is 1.

  --top-k N     how many labels to print per file (default: 1)
  --json        print one JSON object per line: {"file": ..., "predictions": [{"label", "score", "classIndex"}, ...]},
                which also suits paths with tabs or line breaks
  --model DIR   a model directory (default: MODEL_DIR, or the embedded model)
  --help        print this text`;

const { fault, parse, whole } = commandLine(USAGE);

export interface Options {
  /** Files, folders, and at most one `-` for a list on standard input. */
  paths: string[];
  topK: number;
  json: boolean;
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
      json: { type: 'boolean', default: false },
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
  return {
    paths: positionals,
    topK: whole('--top-k', values['top-k'], 1),
    json: values.json,
    ...(values.model !== undefined && { modelDir: values.model }),
  };
}
