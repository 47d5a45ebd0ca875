import { explain } from '@labelfleet/runtime';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Expectations } from './expectations.ts';
import { judge, type Outcome } from './outcome.ts';
import { ImagePoster } from './post-image.ts';

export type { Outcome } from './outcome.ts';

/** Before a request whose connection broke is sent again. */
const REPEAT_AFTER_MS = 200;

export interface Load {
  url: URL;
  /** Name of the form field. */
  field: string;
  /** Paths; sent in this order, and over again where there are fewer than requests. At least one. */
  files: readonly string[];
  requests: number;
  /** How many requests are under way at once. */
  concurrency: number;
  /** For one request, from its first byte to its answer's last, repeats included. */
  timeoutMs: number;
  /**
   * Gives each request an Idempotency-Key of its own, and sends it again, with its key, whenever the
   * connection breaks. Without it a broken connection is a failure: a repeat could be another request.
   */
  idempotencyKeys?: boolean | undefined;
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
  /** How often it was sent again. */
  repeats: number;
  outcome: Outcome;
}

export interface LoadResult {
  /** In the order they came. */
  answers: Answer[];
  elapsedMs: number;
}

/** Posts images and collects their answers. A request that fails is an answer too. */
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
  const timeout = AbortSignal.timeout(load.timeoutMs);
  const signal = load.signal === undefined ? timeout : AbortSignal.any([timeout, load.signal]);
  const headers = load.idempotencyKeys === true ? { 'idempotency-key': randomUUID() } : undefined;
  const sentAt = performance.now();
  const answered = (repeats: number, outcome: Outcome): Answer => ({
    file,
    latencyMs: performance.now() - sentAt,
    repeats,
    outcome,
  });
  const bytes = await readFile(file).catch((error: unknown) => error);
  if (!(bytes instanceof Buffer)) {
    return answered(0, { kind: 'failed', reason: `the file cannot be read: ${explain(bytes)}` });
  }
  for (let repeats = 0; ; repeats++) {
    try {
      const answer = await poster.post({ name, bytes }, signal, headers);
      return answered(repeats, judge(answer, load.expected?.get(name)));
    } catch (error) {
      const late = timeout.aborted && `no answer within ${load.timeoutMs / 1000} s`;
      if (headers === undefined || signal.aborted)
        return answered(repeats, { kind: 'failed', reason: late || explain(error) });
      // When this is cut short, so is the next send.
      await delay(REPEAT_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
