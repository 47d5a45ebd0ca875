import { answerError, orNoAnswer, send, type CallOptions, type Target } from './call.ts';
import { CallError, isRepeatable, NoAnswerError } from './errors.ts';
import { EventStreamParser, type ServerEvent } from './event-stream.ts';
import { retryDelayMs } from './retry.ts';
import { poll } from './wait.ts';
import type { Batch, BatchItem, BatchProgress, BatchSummary } from './wire.ts';

export type FollowEvent =
  | { kind: 'progress'; progress: BatchProgress }
  | { kind: 'completed'; item: BatchItem }
  | { kind: 'done'; batch: BatchSummary };

export interface FollowOptions extends CallOptions {
  /** Continues after this event id, which an earlier stream reached: `onEventId` gave it. */
  after?: string | undefined;
  /** Called with the id of every event, from which the stream can be continued. */
  onEventId?: ((id: string) => void) | undefined;
}

/** The gateway sends something at least every 15 s. */
const SILENT_AFTER_MS = 45_000;
/** After so many futile streams in a row the batch is polled: a proxy may hold streams back or cut them off. */
const MAX_FUTILE_STREAMS = 3;
/** A stream that brings an event after this time is not futile. */
const LASTING_MS = 5_000;

/**
 * Tells how a batch goes on, each completed item once, until it is done: by a stream of events, which is resumed when it
 * breaks, or by polling where streams do not get through.
 */
export async function* followBatch(
  target: Target,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<FollowEvent, void> {
  const { clock } = target;
  const { signal, onRetry, onEventId } = options;
  const delivered = new Set<number>();
  let eventId = options.after ?? '';
  for (let futile = 0; futile < MAX_FUTILE_STREAMS;) {
    const openedAt = clock.monotonicMs();
    let isFutile = true;
    try {
      for await (const event of events(target, `v1/batches/${id}/events`, eventId, signal)) {
        isFutile = clock.monotonicMs() - openedAt < LASTING_MS;
        eventId = event.id;
        onEventId?.(eventId);
        const news = parseEvent(event);
        if (news === undefined) continue;
        if (news.kind === 'completed' && delivered.has(news.item.index)) continue;
        if (news.kind === 'completed') delivered.add(news.item.index);
        yield news;
        if (news.kind === 'done') return;
      }
      // The end without `done` says that everything was delivered before. Reading the batch makes sure.
      break;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CallError)) throw error;
      if (!isRepeatable(error)) break;
      futile = isFutile ? futile + 1 : 1;
      const delayMs = retryDelayMs(error, futile, clock.random());
      onRetry?.({ error, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
  yield* pollBatch(target, id, delivered, options);
}

async function* pollBatch(
  target: Target,
  id: string,
  delivered: Set<number>,
  options: FollowOptions,
): AsyncGenerator<FollowEvent, void> {
  const isCompleted = ({ status }: Batch) => status === 'completed';
  for await (const batch of poll<Batch>(target, `v1/batches/${id}`, isCompleted, options)) {
    for (const item of batch.items) {
      if (item.status === 'queued' || delivered.has(item.index)) continue;
      delivered.add(item.index);
      yield { kind: 'completed', item };
    }
    yield isCompleted(batch) ? { kind: 'done', batch } : { kind: 'progress', progress: batch };
  }
}

/** The events of one stream. Ends at once if there are none left to tell. @throws CallError when it breaks */
async function* events(
  target: Target,
  path: string,
  after: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent, void> {
  const ending = new AbortController();
  const ended = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  try {
    const stream = await withinSilence(openStream(target, path, after, ended), ending);
    if (stream === undefined) return;
    const reader = stream.getReader();
    const parser = new EventStreamParser();
    for (;;) {
      const read = await orNoAnswer(() => withinSilence(reader.read(), ending));
      if (read.done) throw new NoAnswerError('The stream of events ended early.');
      yield* parser.push(read.value);
    }
  } finally {
    ending.abort();
  }
}

async function openStream(
  target: Target,
  path: string,
  after: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const headers = {
    accept: 'text/event-stream',
    ...(after !== '' && { 'last-event-id': after }),
  };
  const response = await orNoAnswer(() => send(target, { method: 'GET', path, headers }, signal));
  if (response.status === 204) return undefined;
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && response.body !== null && type.startsWith('text/event-stream'))
    return response.body;
  throw answerError(response, await orNoAnswer(() => response.text()), target.clock);
}

/** Ends a stream that is silent for too long. */
async function withinSilence<T>(read: Promise<T>, ending: AbortController): Promise<T> {
  const silence = new DOMException('The stream is silent.', 'TimeoutError');
  const timer = setTimeout(() => ending.abort(silence), SILENT_AFTER_MS);
  try {
    return await read;
  } finally {
    clearTimeout(timer);
  }
}

/** What an event says. Undefined for an event of another type, which a later gateway may send. */
function parseEvent({ type, data }: ServerEvent): FollowEvent | undefined {
  switch (type) {
    case 'progress':
      return { kind: 'progress', progress: JSON.parse(data) as BatchProgress };
    case 'completed':
      return { kind: 'completed', item: JSON.parse(data) as BatchItem };
    case 'done':
      return { kind: 'done', batch: JSON.parse(data) as BatchSummary };
    default:
      return undefined;
  }
}
