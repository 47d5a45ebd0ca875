import { answerError, orNoAnswer, send, type CallOptions } from './call.ts';
import { CallError, isRepeatable, NoAnswerError } from './errors.ts';
import { EventStreamParser, type ServerEvent } from './event-stream.ts';
import { retryDelayMs } from './retry.ts';
import type { Target } from './target.ts';

export interface FollowOptions extends CallOptions {
  /** Continues after this event id, which an earlier stream reached: `onEventId` gave it. */
  after?: string | undefined;
  /** Called with the id of every event, from which the stream can be continued. */
  onEventId?: ((id: string) => void) | undefined;
}

/** The gateway sends something at least every 15 s. */
const SILENT_AFTER_MS = 45_000;
/** After so many futile streams in a row it is polled: a proxy may hold streams back or cut them off. */
const MAX_FUTILE_STREAMS = 3;
/** A stream that brings an event after this time is not futile. */
const LASTING_MS = 5_000;

/** What an event says. */
export interface News<T> {
  value: T;
  /** No other event follows. */
  isLast: boolean;
}

/**
 * What the events of a stream say. The stream is resumed when it breaks.
 * @param parse undefined: nothing new, or an event of another type, which a later gateway may send
 * @returns false if the last event did not come: the resource must be polled
 */
export async function* followEvents<T>(
  target: Target,
  path: string,
  parse: (event: ServerEvent) => News<T> | undefined,
  { after = '', onEventId, signal, onRetry }: FollowOptions,
): AsyncGenerator<T, boolean> {
  const { clock } = target;
  let eventId = after;
  for (let futile = 0; futile < MAX_FUTILE_STREAMS;) {
    const openedAt = clock.monotonicMs();
    let isFutile = true;
    try {
      for await (const event of events(target, path, eventId, signal)) {
        isFutile = clock.monotonicMs() - openedAt < LASTING_MS;
        eventId = event.id;
        onEventId?.(eventId);
        const news = parse(event);
        if (news === undefined) continue;
        yield news.value;
        if (news.isLast) return true;
      }
      // The end without a last event says that everything was delivered before. Reading the resource makes sure.
      return false;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CallError)) throw error;
      if (!isRepeatable(error)) return false;
      futile = isFutile ? futile + 1 : 1;
      const delayMs = retryDelayMs(error, futile, clock.random());
      onRetry?.({ error, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
  return false;
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
export async function withinSilence<T>(read: Promise<T>, ending: AbortController): Promise<T> {
  const silence = new DOMException('The stream is silent.', 'TimeoutError');
  const timer = setTimeout(() => ending.abort(silence), SILENT_AFTER_MS);
  try {
    return await read;
  } finally {
    clearTimeout(timer);
  }
}
