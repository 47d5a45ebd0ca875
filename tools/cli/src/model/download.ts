import { isLfsPointer, LFS_POINTER_FAULT } from '@labelfleet/inference/model-tools';
import { explainBriefly } from '@labelfleet/runtime';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { planAnswer } from './answer-plan.ts';
import type { PartialFile } from './partial-file.ts';

export interface Wanted {
  url: URL;
  bytes: number;
  sha256: string;
}

export interface Downloading {
  /** Where what has come is kept: it stays when the download breaks off, and the next goes on with it. */
  partial: PartialFile;
  /** Told with the bytes that are here, from the first answer on. */
  onProgress: (bytes: number) => void;
  signal: AbortSignal;
  /** A server that sends nothing for so long is given up. */
  stallMs: number;
  /** Before trying again. */
  pauseMs: number;
}

export type Downloaded = { kind: 'complete' } | { kind: 'failed'; detail: string };
type Attempt = Downloaded | { kind: 'broken'; detail: string } | { kind: 'start-over' };

const ATTEMPTS = 5;

/**
 * Fetches a file whose size and hash are known, going on with what an earlier download left. On
 * `complete` it lies, verified, at the partial file's path; wrong bytes are deleted.
 */
export async function download(wanted: Wanted, options: Downloading): Promise<Downloaded> {
  const { partial, signal, pauseMs } = options;
  let last = 'nothing came';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const had = await partial.size();
    const outcome =
      had === wanted.bytes ? { kind: 'complete' as const } : await ask(wanted, options, had);
    switch (outcome.kind) {
      case 'complete': {
        const actual = await partial.sha256();
        if (actual === wanted.sha256) return outcome;
        await partial.discard();
        last = `its SHA-256 is ${actual}, not ${wanted.sha256}`;
        // Parts of two versions make neither.
        if (had === 0) return { kind: 'failed', detail: last };
        break;
      }
      case 'failed':
        return outcome;
      case 'start-over':
        await partial.discard();
        break;
      case 'broken':
        last = outcome.detail;
        if (attempt < ATTEMPTS) await pause(pauseMs, undefined, { signal });
        break;
    }
  }
  const kept = await partial.size();
  const hint =
    kept > 0 ? `; the first ${kept} of ${wanted.bytes} bytes are kept for the next try` : '';
  return { kind: 'failed', detail: `${last}${hint}` };
}

/** One request. @param had how many bytes are here already */
async function ask(wanted: Wanted, options: Downloading, had: number): Promise<Attempt> {
  if (had > wanted.bytes) return { kind: 'start-over' };
  const { partial, signal, stallMs } = options;
  const stalled = new AbortController();
  const watchdog = setTimeout(() => {
    stalled.abort(new Error(`the server sends nothing for ${stallMs / 1000} s`));
  }, stallMs);
  try {
    const response = await fetch(wanted.url, {
      headers: await requestHeaders(partial, had),
      signal: AbortSignal.any([signal, stalled.signal]),
    });
    const plan = planAnswer(answerOf(response), had, wanted);
    if (plan.kind === 'append' || plan.kind === 'whole') {
      if (plan.kind === 'whole') await partial.begin(response.headers.get('etag'));
      const from = plan.kind === 'whole' ? 0 : had;
      return await receive(response, from, wanted, options, watchdog);
    }
    if (await isPointer(response)) return POINTER;
    if (!response.bodyUsed) await response.body?.cancel();
    return plan.kind === 'refused' ? { kind: 'failed', detail: plan.detail } : plan;
  } catch (error) {
    signal.throwIfAborted();
    if (isFileFault(error)) throw error;
    return {
      kind: 'broken',
      detail: explainBriefly(stalled.signal.aborted ? stalled.signal.reason : error),
    };
  } finally {
    clearTimeout(watchdog);
  }
}

const answerOf = ({ status, headers }: Response) => ({
  status,
  contentRange: headers.get('content-range'),
  contentLength: headers.get('content-length'),
});

const POINTER: Attempt = {
  kind: 'failed',
  detail: `what the server gives ${LFS_POINTER_FAULT}, or give another address with --from`,
};

/** More than a pointer has, and less than any model. */
const MOST_POINTER_BYTES = 1024;

/** Whether an answer of another size than the file's is the pointer that Git has in its place. It is short, and read for that. */
async function isPointer(response: Response): Promise<boolean> {
  const length = Number(response.headers.get('content-length') ?? Infinity);
  return response.ok && length < MOST_POINTER_BYTES && isLfsPointer(await response.text());
}

/** Writes what an answer brings to the partial file, after the first `have` bytes. */
async function receive(
  { body }: Response,
  have: number,
  { bytes }: Wanted,
  { partial, onProgress }: Downloading,
  watchdog: NodeJS.Timeout,
): Promise<Attempt> {
  const file = createWriteStream(partial.path, { flags: have > 0 ? 'a' : 'w' });
  onProgress(have);
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      watchdog.refresh();
      have += chunk.byteLength;
      if (have > bytes) return;
      yield chunk;
      onProgress(have);
    }
  };
  await pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body), counted, file);
  if (have === bytes) return { kind: 'complete' };
  if (have < MOST_POINTER_BYTES && isLfsPointer(await readFile(partial.path))) {
    await partial.discard();
    return POINTER;
  }
  if (have < bytes) {
    return { kind: 'broken', detail: `the answer ends after ${have} of ${bytes} bytes` };
  }
  await partial.discard();
  return { kind: 'failed', detail: `the server sends more than ${bytes} bytes` };
}

/** A server that has another version now is to give all of it: that is If-Range. */
async function requestHeaders(partial: PartialFile, had: number): Promise<Record<string, string>> {
  // Bytes are counted and joined: they have to come as they are.
  const plain = { 'accept-encoding': 'identity' };
  if (had === 0) return plain;
  const tag = await partial.tag();
  return { ...plain, range: `bytes=${had}-`, ...(tag !== undefined && { 'if-range': tag }) };
}

/** The disk's fault and not the network's: no use in asking again. */
const isFileFault = (error: unknown) =>
  error instanceof Error && 'syscall' in error && ['open', 'write'].includes(String(error.syscall));
