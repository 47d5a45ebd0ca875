import { ModelError } from '@labelfleet/inference';
import { PRESETS, readModelShape, type ModelInput } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { parse } from 'node:path';
import {
  questionText,
  readAnswers,
  type Answers,
  type Question,
  type Texts,
} from './add-answers.ts';
import { installModel } from './install.ts';
import { readLabels } from './labels-source.ts';
import { planInput } from './plan-input.ts';
import type { Trial } from './trial.ts';

export interface Adding {
  file: string;
  /** What was said on the command line. */
  texts: Texts;
  /** The model's first class is the background, which the labels leave out. */
  background: boolean;
  /** Asks the person at the terminal; undefined where there is none. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** The directory to make for a model of this name and version. */
  place: (name: string, version: string) => string;
  signal: AbortSignal;
}

/**
 * Makes a model directory of an ONNX file.
 * @throws StartError when something is missing that nobody can be asked for, or does not fit
 */
export async function addModel(adding: Adding): Promise<{ trial: Trial; dir: string }> {
  const { file, texts, background, ask, place, signal } = adding;
  const shape = await shapeOf(file);
  const name = parse(file)
    .name.replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '');
  const { answers, input } = await settle(shape, { name, version: '1', ...texts }, ask);
  const dir = place(answers.name, answers.version);
  const labels = await readLabels(answers.labels, background);
  const model = { ...answers, file, labels, input };
  return { trial: await installModel(model, dir, signal), dir };
}

interface Settled {
  answers: Answers & { labels: string; name: string; version: string };
  input: ModelInput;
}

/** Asks until everything is known. */
async function settle(
  shape: Parameters<typeof planInput>[0],
  given: Texts,
  ask: Adding['ask'],
): Promise<Settled> {
  const texts = { ...given };
  for (;;) {
    const read = readAnswers(texts);
    if ('fault' in read) throw new StartError(read.fault, EXIT.usage);
    const { answers } = read;
    const plan = planInput(shape, answers);
    const { labels, name, version } = answers;
    const complete = labels !== undefined && name !== undefined && version !== undefined;
    if (plan.kind === 'ready' && complete) {
      return { answers: { ...answers, labels, name, version }, input: plan.input };
    }
    const missing: Question[] = [
      ...(labels === undefined ? (['labels'] as const) : []),
      ...(plan.kind === 'missing' ? plan.missing : []),
    ];
    if (ask === undefined) throw new StartError(complaint(missing), EXIT.usage);
    const question = next(missing, answers);
    texts[question] = await askUntilUnderstood(question, ask);
  }
}

const FED = ['resize', 'scale', 'mean', 'std'] as const;
const isFed = (question: Question) => FED.some((fed) => fed === question);

/** A preset answers several questions at once, so it is asked for before them. */
function next(missing: readonly Question[], { preset }: Answers): Question {
  const [question = 'preset'] = missing;
  const untold = preset === undefined && missing.some(isFed);
  return untold && question !== 'labels' && question !== 'layout' ? 'preset' : question;
}

async function askUntilUnderstood(
  question: Question,
  ask: NonNullable<Adding['ask']>,
): Promise<string> {
  let text = await ask(`${questionText(question)}: `);
  for (;;) {
    const read = readAnswers({ [question]: text });
    if ('answers' in read) return text;
    text = await ask(`${read.fault}\n${questionText(question)}: `);
  }
}

function complaint(missing: readonly Question[]): string {
  const lines = missing.map((question) => `  --${question}  ${questionText(question)}`);
  const hint = missing.some(isFed)
    ? [`A --preset (${PRESETS.join(', ')}) tells --resize, --scale, --mean and --std.`]
    : [];
  return ['What is missing, and the file does not tell:', ...lines, ...hint].join('\n');
}

async function shapeOf(file: string) {
  try {
    return await readModelShape(file);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
