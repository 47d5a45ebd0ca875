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

export interface AddOptions {
  file: string;
  /** The answers from the command line. */
  texts: Texts;
  /** True if the model's first class is the background and the labels do not include it. */
  background: boolean;
  /** Asks the user at the terminal; undefined if there is no terminal. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** Returns the directory to create for a model of this name and version. */
  dirFor: (name: string, version: string) => string;
  signal: AbortSignal;
}

/**
 * Creates a model directory from an ONNX file.
 * @throws StartError if an answer is missing and there is no terminal, or if the answers do not fit the model
 */
export async function addModel(options: AddOptions): Promise<{ trial: Trial; dir: string }> {
  const { file, texts, background, ask, dirFor, signal } = options;
  const shape = await shapeOf(file);
  const name = parse(file)
    .name.replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '');
  const { answers, input } = await askForMissing(shape, { name, version: '1', ...texts }, ask);
  const dir = dirFor(answers.name, answers.version);
  const labels = await readLabels(answers.labels, background);
  const model = { ...answers, file, labels, input };
  return { trial: await installModel(model, dir, signal), dir };
}

interface CompleteAnswers {
  answers: Answers & { labels: string; name: string; version: string };
  input: ModelInput;
}

/** Asks questions until the answers are complete. */
async function askForMissing(
  shape: Parameters<typeof planInput>[0],
  given: Texts,
  ask: AddOptions['ask'],
): Promise<CompleteAnswers> {
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
    if (ask === undefined) throw new StartError(missingText(missing), EXIT.usage);
    const question = nextQuestion(missing, answers);
    texts[question] = await askUntilValid(question, ask);
  }
}

const PRESET_QUESTIONS = ['resize', 'scale', 'mean', 'std'] as const;
const isPresetQuestion = (question: Question) =>
  PRESET_QUESTIONS.some((answered) => answered === question);

/** The preset answers several questions at once, so its question comes before them. */
function nextQuestion(missing: readonly Question[], { preset }: Answers): Question {
  const [question = 'preset'] = missing;
  const needsPreset = preset === undefined && missing.some(isPresetQuestion);
  return needsPreset && question !== 'labels' && question !== 'layout' ? 'preset' : question;
}

async function askUntilValid(
  question: Question,
  ask: NonNullable<AddOptions['ask']>,
): Promise<string> {
  let text = await ask(`${questionText(question)}: `);
  for (;;) {
    const read = readAnswers({ [question]: text });
    if ('answers' in read) return text;
    text = await ask(`${read.fault}\n${questionText(question)}: `);
  }
}

function missingText(missing: readonly Question[]): string {
  const lines = missing.map((question) => `  --${question}  ${questionText(question)}`);
  const hint = missing.some(isPresetQuestion)
    ? [`A --preset (${PRESETS.join(', ')}) sets --resize, --scale, --mean and --std.`]
    : [];
  return [
    'These options are missing, and the file does not determine them:',
    ...lines,
    ...hint,
  ].join('\n');
}

async function shapeOf(file: string) {
  try {
    return await readModelShape(file);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
