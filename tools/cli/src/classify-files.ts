import type { Classified, Classifier } from '@labelfleet/inference';

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

/** Classifies files, several at once, and gives their outcomes in the order of the files. */
export async function* classifyFiles(
  files: readonly string[],
  classifying: Classifying,
): AsyncGenerator<FileOutcome> {
  const underWay: Promise<FileOutcome>[] = [];
  for (const file of files) {
    underWay.push(classifyFile(file, classifying));
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
    return { kind: 'failed', file, detail: error instanceof Error ? error.message : String(error) };
  }
}
