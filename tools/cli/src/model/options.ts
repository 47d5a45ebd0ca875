import { CATALOG_ADDRESS, PRESETS } from '@labelfleet/inference/model-tools';
import { commandLine } from '@labelfleet/runtime';
import type { Texts } from './add-answers.ts';

export const USAGE = `Lists, fetches, adds and checks models.

  npm run model -- list
  npm run model -- pull NAME [--to DIR] [--from URL]
  npm run model -- add FILE.onnx --labels FILE [--preset NAME] [options]
  npm run model -- check [DIR ...]

list    lists the models that pull can fetch
pull    fetches a model into MODELS/NAME/VERSION (or DIR), and resumes an interrupted download
        --from URL       the base URL (default: ${CATALOG_ADDRESS})
add     creates a model directory from an ONNX file; at a terminal, it asks for missing options
        --labels FILE    lines of a label, or of an id, a tab and a label, in class order; or imagenet-1k, which
                         is built in
        --background     the model has a background class before the classes of the labels
        --preset NAME    the preprocessing the model was trained with: ${PRESETS.join(', ')};
                         these options replace it or override parts of it:
        --resize HOW     shorter-side:SIZE, stretch or none
        --kernel NAME    the resampling kernel: linear (default), cubic, mitchell, lanczos2, lanczos3
        --crop HOW       center or none (default: center after shorter-side, unless the model takes any size)
        --scale NUMBER   value = (pixel * scale - mean) / std, pixels from 0 to 255 (default: 1/255, or the preset's)
        --mean R,G,B     --std R,G,B
        --channels ORDER RGB (default) or BGR
        --input-size WxH, or any; --layout NCHW or NHWC: needed if the file does not determine them
        --kind KIND      logits or probabilities (default: detected from the model's output)
        --name NAME, --version VERSION   of the directory and in results (default: the file's name, 1)
        --to DIR         the directory to create (default: MODELS/NAME/VERSION)
        It then classifies the examples, and recommends a preset if their labels are wrong.
check   opens model directories as a worker does, and classifies the examples (default: the embedded model,
        the one of MODEL_DIR, and all in MODELS). "doubt" means that a model's preprocessing is probably not
        the one it was trained with. Exit code: 66 if a model cannot be used, otherwise 1 if one is doubtful
--help  prints this text

MODELS is the folder "models" in LABELFLEET_DATA_DIR (default: .labelfleet).`;

const { fault, parse } = commandLine(USAGE);

export type Options =
  | { command: 'help' }
  | { command: 'list' }
  | { command: 'pull'; name: string; from: URL; to?: string }
  | { command: 'add'; file: string; texts: Texts; background: boolean; to?: string }
  | { command: 'check'; dirs: string[] };

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parseKnown(args);
  const [command, ...rest] = positionals;
  const { help, to, from, background = false, ...texts } = values;
  if (help || command === undefined) return { command: 'help' };
  const target = to === undefined ? {} : { to };
  switch (command) {
    case 'list':
      refuseOthers(command, rest, values, []);
      return { command };
    case 'pull': {
      refuseOthers(command, rest.slice(1), values, ['to', 'from']);
      const [name] = rest;
      if (name === undefined) throw fault('pull: no model is given. `list` shows their names.');
      return { command, name, from: baseAddress(from ?? CATALOG_ADDRESS), ...target };
    }
    case 'add': {
      refuseOthers(
        command,
        rest.slice(1),
        values,
        Object.keys(values).filter((key) => key !== 'from'),
      );
      const [file] = rest;
      if (file === undefined) throw fault('add: no file is given. Give the path of an ONNX model.');
      return { command, file, texts, background, ...target };
    }
    case 'check':
      refuseOthers(command, [], values, []);
      return { command, dirs: rest };
    default:
      throw fault(`There is no command "${command}".`);
  }
}

/** @throws StartError if a command gets an argument or an option that it does not take */
function refuseOthers(command: string, surplus: string[], values: object, taken: string[]): void {
  const option = Object.keys(values).find((key) => key !== 'help' && !taken.includes(key));
  const what = option === undefined ? surplus[0] : `--${option}`;
  if (what !== undefined) throw fault(`${command} does not take ${what}.`);
}

/** Ends the URL with a slash, so that relative paths are resolved below it. */
function baseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw fault(`--from ${text}: must be an http or https URL.`);
  }
  return url.pathname.endsWith('/') ? url : new URL(`${url.href}/`);
}

function parseKnown(args: string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args,
    allowPositionals: true,
    options: {
      to: text,
      from: text,
      labels: text,
      name: text,
      version: text,
      preset: text,
      resize: text,
      kernel: text,
      crop: text,
      scale: text,
      mean: text,
      std: text,
      channels: text,
      'input-size': text,
      layout: text,
      kind: text,
      background: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
