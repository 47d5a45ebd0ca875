import {
  CallError,
  type BatchProgress,
  type Client,
  type Image,
  type ManyEvent,
  type Outcome,
} from '@labelfleet/client';
import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileOutcome } from '../classify-files.ts';
import type { Expanded } from '../expand-paths.ts';
import { explainCall, retryLine } from '../explain-call.ts';
import { isReference } from '../options.ts';
import type { Progress } from '../progress.ts';

export interface ServiceOptions {
  client: Pick<Client, 'classifyMany'>;
  topK: number;
  minPrecision: number | undefined;
  signal: AbortSignal;
  progress: Pick<Progress, 'line' | 'note'>;
}

/**
 * Sends the files to the service and yields their outcomes as they come.
 * @throws StartError if the service cannot be used
 */
export async function* classifyByService(
  files: readonly Expanded[],
  { client, progress, ...options }: ServiceOptions,
): AsyncGenerator<FileOutcome> {
  const sent: string[] = [];
  for (const entry of files) {
    if (entry.kind === 'failed') yield entry;
    else sent.push(entry.file);
  }
  const onEvent = (event: ManyEvent) => {
    if (event.kind === 'retry') progress.line(retryLine(event));
    if (event.kind === 'progress') progress.note(expectation(event.progress));
  };
  try {
    for await (const outcome of client.classifyMany(sent.map(toImage), { ...options, onEvent }))
      yield toFileOutcome(outcome, sent[outcome.index] ?? '');
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new StartError(explainCall(error), EXIT.unavailable, { cause: error });
  }
}

const toImage = (file: string): Image =>
  isReference(file)
    ? file
    : { data: async () => new Uint8Array(await readFile(file)), fileName: basename(file) };

const toFileOutcome = (outcome: Outcome, file: string): FileOutcome =>
  outcome.kind === 'failed'
    ? { kind: 'failed', file, detail: explain(outcome.error) }
    : {
        kind: 'classified',
        file,
        predictions: outcome.classification.predictions,
        classification: outcome.classification,
      };

function expectation({ aheadApproximately: ahead, estimatedWait: wait }: BatchProgress): string {
  const parts = [
    ...(ahead === undefined ? [] : [`about ${ahead} ahead`]),
    ...(wait === undefined ? [] : [`${wait.lowSeconds} to ${wait.highSeconds ?? '?'} s`]),
  ];
  return parts.length === 0 ? '' : `(${parts.join(', ')})`;
}
