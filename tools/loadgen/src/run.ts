import { explain } from '@labelfleet/runtime';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Expectations } from './expectations.ts';
import { judge, type Outcome } from './outcome.ts';
import { ImagePoster } from './post-image.ts';

export type { Outcome } from './outcome.ts';

/** The pause before a request whose connection broke is repeated. */
const REPEAT_AFTER_MS = 200;

export interface Load {
  url: URL;
  /** The name of the form field. */
  field: string;
  /** At least one path. The images are sent in this order, starting over if there are fewer than requests. */
  files: readonly string[];
  requests: number;
  /** How many requests are sent at once. */
  concurrency: number;
  /** The time for one request, from its first byte to the last byte of its answer, including repeats. */
  timeoutMs: number;
  /**
   * If true, sends each request with a unique Idempotency-Key, and repeats it with that key when the connection breaks.
   * Otherwise, a broken connection is a failure, because a repeat could be accepted as another request.
   */
  idempotencyKeys?: boolean | undefined;
  /** If undefined, every label counts as right. */
  expected?: Expectations | undefined;
  /** Ends the run: requests in progress fail, and no more are sent. */
  signal?: AbortSignal | undefined;
  /** Called with every answer as it arrives. */
  onAnswer?: ((answer: Answer) => void) | undefined;
}

export interface Answer {
  /** The path of the image. */
  file: string;
  latencyMs: number;
  /** How often the request was repeated. */
  repeats: number;
  outcome: Outcome;
}

export interface LoadResult {
  /** In the order of arrival. */
  answers: Answer[];
  elapsedMs: number;
}

/** Posts images and collects their answers. A failed request counts as an answer. */
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
      const timeoutReason = timeout.aborted && `no answer within ${load.timeoutMs / 1000} s`;
      if (headers === undefined || signal.aborted)
        return answered(repeats, { kind: 'failed', reason: timeoutReason || explain(error) });
      // If the signal ends this pause, it also ends the next request.
      await delay(REPEAT_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
