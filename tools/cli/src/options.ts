import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Says what is in pictures, by the model alone: no queue, no fleet.

  npm run classify -- [options] PATH ...
  find pictures -name '*.jpg' -print0 | npm run -s classify -- -

PATH is a file, or a folder: of that, all images in it and in the folders below it (hidden ones and links to
folders left out). - is the paths that standard input lists, a line each, or ended by NUL.
A line per file: path, tab, label, tab, score (and so on with --top-k). A file that cannot be classified is
named on standard error, the others are classified all the same, and the exit code is 1.

  --top-k N     how many labels a file (1)
  --json        a JSON object a line: {"file": ..., "predictions": [{"label", "score", "classIndex"}, ...]},
                for paths with tabs or line breaks too
  --model DIR   a model directory (MODEL_DIR, or the embedded model)
  --help        this text`;

const { fault, parse, whole } = commandLine(USAGE);

export interface Options {
  /** Files, folders, and at most one `-` for a list on standard input. */
  paths: string[];
  topK: number;
  json: boolean;
  /** Absent: MODEL_DIR's, or the embedded model. */
  modelDir?: string;
}

/** @throws StartError when the command line is wrong */
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
  if (positionals.length === 0) throw fault('Which files? Give the path of at least one picture.');
  if (positionals.filter((path) => path === '-').length > 1) {
    throw fault('Standard input can be read once: give one -.');
  }
  return {
    paths: positionals,
    topK: whole('--top-k', values['top-k'], 1),
    json: values.json,
    ...(values.model !== undefined && { modelDir: values.model }),
  };
}
