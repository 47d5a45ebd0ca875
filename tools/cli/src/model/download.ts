import { isLfsPointer, LFS_POINTER_FAULT } from '@labelfleet/inference/model-tools';
import { explainBriefly } from '@labelfleet/runtime';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { planResponse } from './answer-plan.ts';
import type { PartialFile } from './partial-file.ts';

export interface ExpectedFile {
  url: URL;
  bytes: number;
  sha256: string;
}

export interface DownloadOptions {
  /** Stores the downloaded bytes. They survive a failed download, and the next download resumes after them. */
  partial: PartialFile;
  /** Called with the number of downloaded bytes, from the first response on. */
  onProgress: (bytes: number) => void;
  signal: AbortSignal;
  /** An attempt fails if the server sends nothing for this long. */
  stallMs: number;
  /** The pause before the next attempt. */
  pauseMs: number;
}

export type DownloadOutcome = { kind: 'complete' } | { kind: 'failed'; detail: string };
type Attempt = DownloadOutcome | { kind: 'broken'; detail: string } | { kind: 'start-over' };

const ATTEMPTS = 5;

/**
 * Fetches a file of known size and hash, and resumes an earlier download. On `complete`, the partial file's path is
 * the verified file. Wrong bytes are deleted.
 */
export async function download(
  expected: ExpectedFile,
  options: DownloadOptions,
): Promise<DownloadOutcome> {
  const { partial, signal, pauseMs } = options;
  let last = 'the server sent nothing';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const had = await partial.size();
    const outcome =
      had === expected.bytes
        ? { kind: 'complete' as const }
        : await request(expected, options, had);
    switch (outcome.kind) {
      case 'complete': {
        const actual = await partial.sha256();
        if (actual === expected.sha256) return outcome;
        await partial.discard();
        last = `its SHA-256 is ${actual} instead of ${expected.sha256}`;
        // A resumed download may mix two versions of the file, so only a whole download with a wrong hash is final.
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
    kept > 0 ? `; the first ${kept} of ${expected.bytes} bytes are kept for the next attempt` : '';
  return { kind: 'failed', detail: `${last}${hint}` };
}

/** Sends one request. @param had the number of bytes that are already downloaded */
async function request(
  expected: ExpectedFile,
  options: DownloadOptions,
  had: number,
): Promise<Attempt> {
  if (had > expected.bytes) return { kind: 'start-over' };
  const { partial, signal, stallMs } = options;
  const stalled = new AbortController();
  const watchdog = setTimeout(() => {
    stalled.abort(new Error(`the server sends nothing for ${stallMs / 1000} s`));
  }, stallMs);
  try {
    const response = await fetch(expected.url, {
      headers: await requestHeaders(partial, had),
      signal: AbortSignal.any([signal, stalled.signal]),
    });
    const plan = planResponse(headOf(response), had, expected);
    if (plan.kind === 'append' || plan.kind === 'whole') {
      if (plan.kind === 'whole') await partial.begin(response.headers.get('etag'));
      const from = plan.kind === 'whole' ? 0 : had;
      return await receive(response, from, expected, options, watchdog);
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

const headOf = ({ status, headers }: Response) => ({
  status,
  contentRange: headers.get('content-range'),
  contentLength: headers.get('content-length'),
});

const POINTER: Attempt = {
  kind: 'failed',
  detail: `the server's file ${LFS_POINTER_FAULT}, or give another URL with --from`,
};

/** Larger than every Git LFS pointer, and smaller than every model. */
const MAX_POINTER_BYTES = 1024;

/** True if the response is a Git LFS pointer instead of the file. Reads the body if it is short enough for a pointer. */
async function isPointer(response: Response): Promise<boolean> {
  const length = Number(response.headers.get('content-length') ?? Infinity);
  return response.ok && length < MAX_POINTER_BYTES && isLfsPointer(await response.text());
}

/** Writes the response's body to the partial file after the first `have` bytes. */
async function receive(
  { body }: Response,
  have: number,
  { bytes }: ExpectedFile,
  { partial, onProgress }: DownloadOptions,
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
  if (have < MAX_POINTER_BYTES && isLfsPointer(await readFile(partial.path))) {
    await partial.discard();
    return POINTER;
  }
  if (have < bytes) {
    return { kind: 'broken', detail: `the answer ends after ${have} of ${bytes} bytes` };
  }
  await partial.discard();
  return { kind: 'failed', detail: `the server sends more than ${bytes} bytes` };
}

/** If-Range makes a server that has another version of the file send the whole file. */
async function requestHeaders(partial: PartialFile, had: number): Promise<Record<string, string>> {
  // Bytes are counted and appended, so the server must not compress them.
  const plain = { 'accept-encoding': 'identity' };
  if (had === 0) return plain;
  const tag = await partial.tag();
  return { ...plain, range: `bytes=${had}-`, ...(tag !== undefined && { 'if-range': tag }) };
}

/** True if the disk failed and not the network: another attempt would fail in the same way. */
const isFileFault = (error: unknown) =>
  error instanceof Error && 'syscall' in error && ['open', 'write'].includes(String(error.syscall));
