import { isKeyMissing, openBatches, type Row, type State } from '../state/state.ts';

/** A browser opens six connections to a host. */
const CONNECTIONS = 6;
/** Uploads keep at least this many. */
const MIN_UPLOADS = 3;
/** The gateway gathers at most this many requests in a batch. */
const MAX_BATCH = 100;
/** While images are still being sent, those that were accepted wait this long for the others. */
const GATHER_AFTER_MS = 8_000;
/** Event streams at once. The other connections are for uploads. */
const MAX_STREAMS = 3;
/** A stream is left for another batch after this time, if one waits. */
const STREAM_TURN_MS = 10_000;
const MAX_BACKOFF_MS = 15_000;

/** The rows to send now. */
export function dueUploads(state: State, streams: number, now: number): Row[] {
  if (isKeyMissing(state)) return [];
  const { rows } = state;
  const sending = rows.filter(({ phase }) => phase === 'sending').length;
  const free = Math.max(CONNECTIONS - streams, MIN_UPLOADS) - sending;
  return rows
    .filter(({ phase, notBefore }) => phase === 'unsent' && notBefore <= now)
    .slice(0, Math.max(free, 0));
}

/**
 * The accepted rows to gather in a batch now: when nothing is left to send, when a batch is full, and at growing
 * intervals while a slow upload goes on.
 */
export function dueGathering(state: State, now: number): Row[] {
  if (isKeyMissing(state)) return [];
  const { rows, batches } = state;
  const loose = rows.filter(
    ({ requestId, batchId }) => requestId !== undefined && batchId === undefined,
  );
  const isSending = rows.some(
    ({ phase, tries }) => phase === 'sending' || (phase === 'unsent' && tries === 0),
  );
  const patience = GATHER_AFTER_MS * 2 ** Math.min(Object.keys(batches).length, 6);
  const isOld = loose.some(({ acceptedAt = 0 }) => acceptedAt + patience <= now);
  return loose.length >= MAX_BATCH || !isSending || isOld ? loose.slice(0, MAX_BATCH) : [];
}

/** What is known of the event stream of a batch. */
export interface Stream {
  openedAt: number;
}

/**
 * The batches to follow now, those that have waited longest first, and the streams to end: of completed batches, and
 * of batches whose turn is over while others wait.
 * @param notBefore the earliest time of each batch that was followed before
 */
export function dueStreams(
  state: State,
  streams: ReadonlyMap<string, Stream>,
  notBefore: ReadonlyMap<string, number>,
  now: number,
): { begin: string[]; end: string[] } {
  if (isKeyMissing(state)) return { begin: [], end: [] };
  const open = openBatches(state).map(([id]) => id);
  const timeOf = (id: string) => notBefore.get(id) ?? 0;
  const due = open
    .filter((id) => !streams.has(id) && timeOf(id) <= now)
    .sort((a, b) => timeOf(a) - timeOf(b));
  const begin = due.slice(0, Math.max(MAX_STREAMS - streams.size, 0));
  const ids = [...streams.keys()];
  const over = ids.filter((id) => (streams.get(id)?.openedAt ?? now) + STREAM_TURN_MS <= now);
  const end = [
    ...ids.filter((id) => !open.includes(id)),
    ...over.filter((id) => open.includes(id)).slice(0, due.length - begin.length),
  ];
  return { begin, end };
}

/**
 * How long to wait after a call without an answer.
 * @param tries the calls before this one that failed in a row
 * @param random from 0 to 1, so that many pages do not come back at once
 */
export function backoffMs(tries: number, retryAfterMs: number | undefined, random: number): number {
  const own = Math.min(1_000 * 2 ** Math.min(tries, 10), MAX_BACKOFF_MS);
  return Math.max(own * (0.5 + random / 2), retryAfterMs ?? 0);
}
