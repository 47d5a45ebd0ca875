import { CATALOG_ADDRESS, PRESETS } from '@labelfleet/inference/model-tools';
import { commandLine } from '@labelfleet/runtime';
import type { Texts } from './add-answers.ts';

export const USAGE = `Models: what there is, fetched or added, checked.

  npm run model -- list
  npm run model -- pull NAME [--to DIR] [--from URL]
  npm run model -- add FILE.onnx --labels FILE [--preset NAME] [options]
  npm run model -- check [DIR ...]

list    the models that pull knows
pull    fetches one into MODELS/NAME/VERSION (or DIR); a download that broke off goes on
        --from URL       the address to fetch below (${CATALOG_ADDRESS})
add     makes a model directory of an ONNX file; at a terminal it asks for what is missing
        --labels FILE    lines of a label, or of an id, a tab and a label, in class order; or imagenet-1k, which
                         is built in
        --background     the model has a class for the background before those of the labels
        --preset NAME    what the model was fed in training: ${PRESETS.join(', ')};
                         each of these may be given instead or besides:
        --resize HOW     shorter-side:SIZE, stretch or none
        --kernel NAME    how it is resampled: linear (unless given), cubic, mitchell, lanczos2, lanczos3
        --crop HOW       center or none (center after shorter-side, unless the model takes any size)
        --scale NUMBER   value = (pixel * scale - mean) / std, pixels from 0 to 255 (1/255, or the preset's)
        --mean R,G,B     --std R,G,B
        --channels ORDER RGB (unless given) or BGR
        --input-size WxH, or any; --layout NCHW or NHWC: where the file does not tell
        --kind KIND      logits or probabilities (read off what the model gives)
        --name NAME, --version VERSION   of the directory and in results (the file's name, 1)
        --to DIR         the directory to make (MODELS/NAME/VERSION)
        It then tries the examples, and says which preset looks right where they do not go well.
check   opens model directories as the service does, and tries the examples (without DIR: the embedded one,
        MODEL_DIR's, and all in MODELS). "doubt" means that a model is probably not fed what it was trained
        with; the exit code is 66 when one cannot be used, otherwise 1 when one is in doubt
--help  this text

MODELS is the folder "models" in LABELFLEET_DATA_DIR (.labelfleet).`;

const { fault, parse } = commandLine(USAGE);

export type Options =
  | { command: 'help' }
  | { command: 'list' }
  | { command: 'pull'; name: string; from: URL; to?: string }
  | { command: 'add'; file: string; texts: Texts; background: boolean; to?: string }
  | { command: 'check'; dirs: string[] };

/** @throws StartError when the command line is wrong */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parseKnown(args);
  const [command, ...rest] = positionals;
  const { help, to, from, background = false, ...texts } = values;
  if (help || command === undefined) return { command: 'help' };
  const place = to === undefined ? {} : { to };
  switch (command) {
    case 'list':
      only(command, rest, values, []);
      return { command };
    case 'pull': {
      only(command, rest.slice(1), values, ['to', 'from']);
      const [name] = rest;
      if (name === undefined) throw fault('pull: which model? `list` names them.');
      return { command, name, from: baseAddress(from ?? CATALOG_ADDRESS), ...place };
    }
    case 'add': {
      only(
        command,
        rest.slice(1),
        values,
        Object.keys(values).filter((key) => key !== 'from'),
      );
      const [file] = rest;
      if (file === undefined) throw fault('add: which file? Give the path of an ONNX model.');
      return { command, file, texts, background, ...place };
    }
    case 'check':
      only(command, [], values, []);
      return { command, dirs: rest };
    default:
      throw fault(`There is no command "${command}".`);
  }
}

/** @throws StartError where a command is given what it does not take */
function only(command: string, surplus: string[], values: object, taken: string[]): void {
  const option = Object.keys(values).find((key) => key !== 'help' && !taken.includes(key));
  const what = option === undefined ? surplus[0] : `--${option}`;
  if (what !== undefined) throw fault(`${command} does not take ${what}.`);
}

/** With a slash at its end, so that paths are added to it. */
function baseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw fault(`--from ${text}: must be an http or https address.`);
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
