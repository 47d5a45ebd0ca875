import { PRESETS } from '@labelfleet/inference/model-tools';

/** The questions about a model. Command-line options or answers at the terminal answer them. */
const QUESTIONS = {
  labels: 'The file of its labels, one per line in class order (or imagenet-1k)',
  name: 'Its name',
  version: 'Its version',
  preset: `The preprocessing it was trained with: ${PRESETS.join(', ')}, or own`,
  resize: 'How images are resized: shorter-side:SIZE, stretch or none',
  kernel: 'How pixels are resampled: linear, cubic, mitchell, lanczos2 or lanczos3',
  crop: 'How images are cropped: center or none',
  scale: 'The factor for pixels (0 to 255): 1/255 for [0, 1], 1/127.5 for [0, 2], 1 for none',
  mean: 'The mean to subtract per channel: R,G,B',
  std: 'The standard deviation to divide by per channel: R,G,B',
  channels: 'The order of the channels: RGB or BGR',
  'input-size': 'The size of its input in pixels: WIDTHxHEIGHT or any',
  layout: 'The layout of its input: NCHW (torch) or NHWC (tensorflow)',
  kind: 'The kind of its output: logits or probabilities',
} as const;

export type Question = keyof typeof QUESTIONS;
/** Answers as the user wrote them. */
export type Texts = Partial<Record<Question, string>>;

export const questionText = (question: Question): string => QUESTIONS[question];

type Triple = [number, number, number];

/** Parsed answers. */
export interface Answers {
  labels?: string | undefined;
  name?: string | undefined;
  version?: string | undefined;
  preset?: (typeof PRESETS)[number] | 'own' | undefined;
  resize?: 'stretch' | 'none' | { shorterSide: number } | undefined;
  kernel?: 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3' | undefined;
  crop?: 'center' | 'none' | undefined;
  scale?: number | undefined;
  mean?: Triple | undefined;
  std?: Triple | undefined;
  channels?: 'RGB' | 'BGR' | undefined;
  size?: { width: number | null; height: number | null } | undefined;
  layout?: 'NCHW' | 'NHWC' | undefined;
  kind?: 'logits' | 'probabilities' | undefined;
}

/** @returns the parsed answers, or which of them are invalid and what they must be */
export function readAnswers(texts: Texts): { answers: Answers } | { fault: string } {
  const faults: string[] = [];
  const read = <T>(question: Question, parse: (text: string) => T | undefined, must: string) => {
    const text = texts[question]?.trim();
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) faults.push(`--${question} ${text}: must be ${must}.`);
    return value;
  };
  const choice = <T extends string>(question: Question, ...values: T[]) =>
    read(question, (text) => values.find((value) => value === text), orList(values));
  const triple = (question: Question) => read(question, parseTriple, 'three numbers: R,G,B');
  const folder = (question: Question) =>
    read(
      question,
      (text) => (/^\w[\w.-]*$/.test(text) ? text : undefined),
      'a name for a folder: letters, digits, ., _ and -',
    );

  const answers: Answers = {
    labels: read('labels', (text) => text || undefined, 'a file'),
    name: folder('name'),
    version: folder('version'),
    preset: choice('preset', ...PRESETS, 'own'),
    resize: read('resize', parseResize, 'shorter-side:SIZE, stretch or none'),
    kernel: choice('kernel', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'),
    crop: choice('crop', 'center', 'none'),
    scale: read('scale', parseNumber, 'a number'),
    mean: triple('mean'),
    std: triple('std'),
    channels: choice('channels', 'RGB', 'BGR'),
    size: read('input-size', parseSize, 'WIDTHxHEIGHT in pixels, or any'),
    layout: choice('layout', 'NCHW', 'NHWC'),
    kind: choice('kind', 'logits', 'probabilities'),
  };
  return faults.length > 0 ? { fault: faults.join('\n') } : { answers };
}

const orList = (values: readonly string[]) =>
  `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;

/** Parses a decimal number, or a fraction such as 1/255. */
function parseNumber(text: string): number | undefined {
  const [, above = '', below = '1'] = /^([-\d.e]+)(?:\/([\d.]+))?$/.exec(text) ?? [];
  const value = Number(above) / Number(below);
  return above !== '' && Number.isFinite(value) ? value : undefined;
}

function parseTriple(text: string): Triple | undefined {
  const [r, g, b, ...more] = text.split(',').map((part) => parseNumber(part.trim()));
  return r === undefined || g === undefined || b === undefined || more.length > 0
    ? undefined
    : [r, g, b];
}

function parseResize(text: string): Answers['resize'] {
  if (text === 'stretch' || text === 'none') return text;
  const [, size] = /^shorter-side:(\d{1,4})$/.exec(text) ?? [];
  return size === undefined ? undefined : { shorterSide: Number(size) };
}

function parseSize(text: string): Answers['size'] {
  if (text === 'any') return { width: null, height: null };
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}
