import type {
  Batch,
  BatchItem,
  BatchProgress,
  Classification,
  Fleet,
  Model,
  Problem,
} from './api-types.ts';
import type { Trouble } from './state.ts';

/** What came of a call. Only `answer` and `problem` are from a gateway. */
export type Outcome<T> =
  | { kind: 'answer'; answer: T }
  | { kind: 'problem'; problem: Problem; retryAfterMs: number | undefined }
  | { kind: 'unanswered'; trouble: Trouble; retryAfterMs: number | undefined };

export type StreamEvent =
  | { kind: 'progress'; progress: BatchProgress }
  | { kind: 'completed'; item: BatchItem }
  | { kind: 'done' };

/** An upload that moves no byte for so long has lost its connection. */
const STALLED_MS = 30_000;
/** The gateway sends something at least every 15 s. */
const SILENT_MS = 40_000;
const CALL_LIMIT_MS = 30_000;

/** The gateway's HTTP API at the page's own address. */
export class Api {
  /** Sent with every call once it is known. */
  apiKey: string | undefined;

  /** Sends one image and does not wait for its result. */
  upload(
    file: File,
    key: string,
    onProgress: (sent: number) => void,
  ): Promise<Outcome<Classification>> {
    // Only XMLHttpRequest reports the progress of an upload.
    const request = new XMLHttpRequest();
    request.open('POST', 'v1/classifications');
    const headers = { ...this.#headers(), prefer: 'respond-async', 'idempotency-key': key };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const form = new FormData();
    form.append('image', file);
    return new Promise((resolve) => {
      let timer = 0;
      const postpone = () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => request.abort(), STALLED_MS);
      };
      request.upload.onprogress = ({ loaded, total }) => {
        postpone();
        onProgress(total === 0 ? 0 : loaded / total);
      };
      request.onloadend = () => {
        clearTimeout(timer);
        const { status, responseText: text } = request;
        resolve(
          status === 0
            ? unanswered()
            : outcome({
                status,
                text,
                contentType: request.getResponseHeader('content-type'),
                retryAfter: request.getResponseHeader('retry-after'),
              }),
        );
      };
      postpone();
      request.send(form);
    });
  }

  /** Makes one batch of accepted requests. */
  gather(ids: readonly string[], key: string): Promise<Outcome<Batch>> {
    return this.#call('v1/batches', {
      method: 'POST',
      body: JSON.stringify({ classifications: ids }),
      headers: {
        'content-type': 'application/json',
        prefer: 'respond-async',
        'idempotency-key': key,
      },
    });
  }

  batch(id: string): Promise<Outcome<Batch>> {
    return this.#call(`v1/batches/${encodeURIComponent(id)}`);
  }

  fleet(): Promise<Outcome<Fleet>> {
    return this.#call('v1/fleet');
  }

  models(): Promise<Outcome<{ models: Model[] }>> {
    return this.#call('v1/models');
  }

  /**
   * Follows a batch until the stream ends, for whatever reason.
   * @param after the id of the last event that was received
   */
  async *events(
    id: string,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<{ id: string | undefined; event: StreamEvent }> {
    const silent = new AbortController();
    let timer = 0;
    const postpone = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => silent.abort(), SILENT_MS);
    };
    try {
      postpone();
      const response = await fetch(`v1/batches/${encodeURIComponent(id)}/events`, {
        headers: {
          ...this.#headers(),
          accept: 'text/event-stream',
          ...(after !== undefined && { 'last-event-id': after }),
        },
        signal: AbortSignal.any([signal, silent.signal]),
        cache: 'no-store',
      });
      if (response.status === 204) yield { id: after, event: { kind: 'done' } };
      const type = response.headers.get('content-type') ?? '';
      if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) return;
      let text = '';
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        postpone();
        text += value;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const parsed = parseEvent(block);
          if (parsed !== undefined) yield parsed;
        }
      }
    } catch {
      // A broken stream is followed again from its last event.
    } finally {
      clearTimeout(timer);
      silent.abort();
    }
  }

  async #call<T>(
    path: string,
    { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> } = {},
  ) {
    try {
      const response = await fetch(path, {
        ...init,
        headers: { accept: 'application/json', ...this.#headers(), ...headers },
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
        cache: 'no-store',
      });
      return outcome<T>({
        status: response.status,
        text: await response.text(),
        contentType: response.headers.get('content-type'),
        retryAfter: response.headers.get('retry-after'),
      });
    } catch {
      return unanswered();
    }
  }

  #headers(): Record<string, string> {
    return this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` };
  }
}

const unanswered = () =>
  ({
    kind: 'unanswered',
    trouble: navigator.onLine ? 'no answer' : 'offline',
    retryAfterMs: undefined,
  }) as const;

interface RawAnswer {
  status: number;
  text: string;
  contentType: string | null;
  retryAfter: string | null;
}

/** Tells an answer of the gateway from one of a proxy between. */
export function outcome<T>({ status, text, contentType, retryAfter }: RawAnswer): Outcome<T> {
  const retryAfterMs = retryAfterOf(retryAfter);
  const type = (contentType ?? '').split(';')[0]?.trim();
  const body = parseJson(text);
  if (type === 'application/problem+json' && isProblem(body))
    return { kind: 'problem', problem: body, retryAfterMs };
  if (status < 300 && type === 'application/json' && typeof body === 'object' && body !== null)
    return { kind: 'answer', answer: body as T };
  return { kind: 'unanswered', trouble: 'not the gateway', retryAfterMs };
}

function retryAfterOf(header: string | null): number | undefined {
  const seconds = Number(header ?? NaN);
  return Number.isFinite(seconds) && header !== '' ? 1000 * seconds : undefined;
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' &&
  body !== null &&
  ['type', 'title', 'detail'].every(
    (field) => typeof body[field as keyof typeof body] === 'string',
  );

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses one server-sent event; undefined for a comment or an unknown event. */
export function parseEvent(
  block: string,
): { id: string | undefined; event: StreamEvent } | undefined {
  const fields = new Map(
    block.split(/\r?\n/).map((line) => {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      return [name, value];
    }),
  );
  const data = parseJson(fields.get('data') ?? '');
  const id = fields.get('id');
  const kind = fields.get('event') ?? '';
  switch (kind) {
    case 'progress':
      return { id, event: { kind: 'progress', progress: data as BatchProgress } };
    case 'completed':
      return { id, event: { kind: 'completed', item: data as BatchItem } };
    case 'done':
      return { id, event: { kind: 'done' } };
    default:
      return undefined;
  }
}
