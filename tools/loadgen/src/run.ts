import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Expectations } from './expectations.ts';
import { judge, type Outcome } from './outcome.ts';
import { ImagePoster } from './post-image.ts';

export type { Outcome } from './outcome.ts';

export interface Load {
  url: URL;
  /** Name of the form field. */
  field: string;
  /** Paths; sent in this order, and over again where there are fewer than requests. At least one. */
  files: readonly string[];
  requests: number;
  /** How many requests are under way at once. */
  concurrency: number;
  /** For one request, from its first byte to its answer's last. */
  timeoutMs: number;
  /** Without it, every label is right. */
  expected?: Expectations | undefined;
  /** Ends the run: what is under way fails, what is not yet sent is not sent. */
  signal?: AbortSignal | undefined;
  /** Called with every answer as it comes. */
  onAnswer?: ((answer: Answer) => void) | undefined;
}

export interface Answer {
  /** Path of the image. */
  file: string;
  latencyMs: number;
  outcome: Outcome;
}

export interface LoadResult {
  /** In the order they came. */
  answers: Answer[];
  elapsedMs: number;
}

/** Posts images and collects their answers. A request that fails is an answer too; rejects only when a file cannot be read. */
export async function runLoad(load: Load): Promise<LoadResult> {
  using poster = new ImagePoster({ ...load, sockets: load.concurrency });
  const answers: Answer[] = [];
  const startedAt = performance.now();
  let next = 0;
  const sender = async () => {
    while (next < load.requests && load.signal?.aborted !== true) {
      const file = load.files[next++ % load.files.length];
      if (file === undefined) throw new RangeError('a load needs at least one file');
      const answer = await sendOne(poster, file, load);
      answers.push(answer);
      load.onAnswer?.(answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(load.concurrency, load.requests) }, sender));
  return { answers, elapsedMs: performance.now() - startedAt };
}

async function sendOne(poster: ImagePoster, file: string, load: Load): Promise<Answer> {
  const name = basename(file);
  const bytes = await readFile(file);
  const timeout = AbortSignal.timeout(load.timeoutMs);
  const signal = load.signal === undefined ? timeout : AbortSignal.any([timeout, load.signal]);
  const sentAt = performance.now();
  const outcome = await poster.post({ name, bytes }, signal).then(
    (answer) => judge(answer, load.expected?.get(name)),
    (error: unknown): Outcome => ({
      kind: 'failed',
      reason: timeout.aborted ? `no answer within ${load.timeoutMs / 1000} s` : message(error),
    }),
  );
  return { file, latencyMs: performance.now() - sentAt, outcome };
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
