import {
  CallError,
  createCalls,
  ForeignAnswerError,
  ProblemError,
  type FollowEvent,
} from '@labelfleet/client';
import { createJobCalls } from '@labelfleet/client/jobs';
import type { Batch, Classification, Fleet, Model, Problem } from './api-types.ts';
import type { Trouble } from '../state/state.ts';
import { fetchWithProgress } from './upload-fetch.ts';

/** What came of a call. Only `answer` and `problem` are from a gateway. */
export type Outcome<T> =
  | { kind: 'answer'; answer: T }
  | { kind: 'problem'; problem: Problem; retryAfterMs: number | undefined }
  | { kind: 'unanswered'; trouble: Trouble; retryAfterMs: number | undefined };

/** The gateway at the page's own address. Calls are made once, unless they say otherwise: the page decides what is repeated, and shows it. */
export class Api {
  /** Sent with every call once it is known. */
  apiKey: string | undefined;

  /** Sends one image and does not wait for its result. */
  upload(file: File, key: string, onProgress: (sent: number) => void) {
    const image = { data: file, fileName: file.name, idempotencyKey: key };
    const client = this.#client(fetchWithProgress(onProgress));
    return outcome<Classification>(client.submit(image));
  }

  /** Makes one batch of accepted requests. */
  gather = (ids: readonly string[]) => outcome<Batch>(this.#client().gather(ids));
  batch = (id: string) => outcome<Batch>(this.#client().readBatch(id));
  fleet = () => outcome<Fleet>(this.#client().fleet());
  models = () => outcome<{ models: Model[] }>(this.#client().models());

  /** Follows a batch until it is done. @throws CallError when it must be read again */
  follow = (
    id: string,
    after: string | undefined,
    onEventId: (id: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<FollowEvent, void> => this.#client().follow(id, { after, onEventId, signal });

  /** Calls about jobs. @param giveUpAfterMs how long a call may fail before it is given up */
  jobs = (giveUpAfterMs = 0) => createJobCalls({ ...this.#target(), giveUpAfterMs });

  /**
   * Fetches a file, because a link cannot send the API key.
   * @throws Error that says why not
   */
  async file(path: string): Promise<Blob> {
    const response = await fetch(path, { headers: { authorization: `Bearer ${this.apiKey}` } });
    if (response.ok) return response.blob();
    throw new Error(((await response.json()) as Problem).detail);
  }

  #client(upload?: typeof fetch) {
    return createCalls({ ...this.#target(), fetch: upload, giveUpAfterMs: 0 });
  }

  #target() {
    return { url: new URL('.', location.href), apiKey: this.apiKey };
  }
}

export async function outcome<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'answer', answer: await call };
  } catch (error) {
    return failedOutcome(error);
  }
}

/** Tells a problem of the gateway from an answer of a proxy, and both from none. */
export function failedOutcome(error: unknown): Exclude<Outcome<never>, { kind: 'answer' }> {
  if (!(error instanceof CallError))
    return { kind: 'problem', problem: UNREADABLE, retryAfterMs: undefined };
  const { retryAfterMs } = error;
  if (error instanceof ProblemError)
    return { kind: 'problem', problem: error.problem, retryAfterMs };
  const isForeign = error instanceof ForeignAnswerError;
  const trouble = isForeign ? 'not the gateway' : navigator.onLine ? 'no answer' : 'offline';
  return { kind: 'unanswered', trouble, retryAfterMs };
}

/** The client reads an image before it sends it. */
const UNREADABLE: Problem = {
  type: 'file-unreadable',
  title: 'The file cannot be read',
  status: 0,
  detail: 'It was moved, changed or removed since it was chosen. Choose it again.',
};
