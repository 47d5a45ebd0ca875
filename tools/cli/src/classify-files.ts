import type { Classified, Classifier } from '@labelfleet/inference';
import { explain } from '@labelfleet/runtime';
import type { Expanded } from './expand-paths.ts';

export type FileOutcome =
  | { kind: 'classified'; file: string; predictions: Classified['predictions'] }
  | { kind: 'failed'; file: string; detail: string };

export interface Classifying {
  classifier: Pick<Classifier, 'classify'>;
  read: (file: string) => Promise<Uint8Array>;
  topK: number;
  /** How many files are read and classified at the same time. */
  concurrency: number;
}

/** Classifies files, several at once, and gives their outcomes, and failures among them, in their order. */
export async function* classifyFiles(
  files: readonly Expanded[],
  classifying: Classifying,
): AsyncGenerator<FileOutcome> {
  const underWay: Promise<FileOutcome>[] = [];
  for (const one of files) {
    underWay.push(
      one.kind === 'failed' ? Promise.resolve(one) : classifyFile(one.file, classifying),
    );
    const first = underWay.length < classifying.concurrency ? undefined : underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const outcome of underWay) yield await outcome;
}

/** Never rejects: one file's failure is not the others'. */
async function classifyFile(
  file: string,
  { classifier, read, topK }: Classifying,
): Promise<FileOutcome> {
  try {
    const outcome = await classifier.classify(await read(file), { topK });
    if (outcome.kind === 'bad-image') return { kind: 'failed', file, detail: outcome.detail };
    return { kind: 'classified', file, predictions: outcome.predictions };
  } catch (error) {
    return { kind: 'failed', file, detail: explain(error) };
  }
}
