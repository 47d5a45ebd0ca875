import type { Succeeded } from '@labelfleet/client';
import type { Classified, Classifier } from '@labelfleet/inference';
import { explain } from '@labelfleet/runtime';
import type { Expanded } from './expand-paths.ts';

export interface ClassifiedFile {
  kind: 'classified';
  file: string;
  predictions: Classified['predictions'];
  /** True if the model is not as precise as demanded. */
  unknown?: true;
  /** All that the service says of it; absent without the service. */
  classification?: Succeeded;
}

export type FileOutcome = ClassifiedFile | { kind: 'failed'; file: string; detail: string };

export interface ClassifyOptions {
  classifier: Pick<Classifier, 'classify'>;
  read: (file: string) => Promise<Uint8Array>;
  topK: number;
  /** How many files are read and classified at the same time. */
  concurrency: number;
}

/** Classifies several files at once and yields their outcomes, failures included, in the order of the files. */
export async function* classifyFiles(
  files: readonly Expanded[],
  options: ClassifyOptions,
): AsyncGenerator<FileOutcome> {
  const pending: Promise<FileOutcome>[] = [];
  for (const entry of files) {
    pending.push(
      entry.kind === 'failed' ? Promise.resolve(entry) : classifyFile(entry.file, options),
    );
    const first = pending.length < options.concurrency ? undefined : pending.shift();
    if (first !== undefined) yield await first;
  }
  for (const outcome of pending) yield await outcome;
}

/** Never rejects, so that one file's failure does not end the run. */
async function classifyFile(
  file: string,
  { classifier, read, topK }: ClassifyOptions,
): Promise<FileOutcome> {
  try {
    const outcome = await classifier.classify(await read(file), { topK });
    if (outcome.kind === 'bad-image') return { kind: 'failed', file, detail: outcome.detail };
    return { kind: 'classified', file, predictions: outcome.predictions };
  } catch (error) {
    return { kind: 'failed', file, detail: explain(error) };
  }
}
