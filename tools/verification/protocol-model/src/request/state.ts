import type { RequestRule } from './rules.ts';

/** How often each may happen. */
export const REQUEST_FAULTS = [
  'gatewayCrashes',
  'sendRepliesLost',
  'receivesLost',
  'duplicates',
  'lapses',
  'lateExtensions',
  'lateHandBacks',
  'lateDeletes',
  'kills',
  'neighbourDeaths',
  'handBacks',
  'drainDeadlines',
  'outages',
  'recordRepliesLost',
  'repliesLost',
  'watchCrashes',
  'imagesRemoved',
  'deadlines',
  'purges',
  'earlySweeps',
] as const;
export type RequestFault = (typeof REQUEST_FAULTS)[number];

export interface RequestBounds {
  /** What the image does to the workers that start on it. */
  image: 'good' | 'deadly' | 'hanging';
  /** Each is sent the request, under one key. */
  gateways: number;
  /** Workers that hold the request at the same time. */
  workers: number;
  /** A message received so often is a dead letter (50 in the product). */
  mostReceives: number;
  faults: Partial<Record<RequestFault, number>>;
  without?: RequestRule;
}

export type Answer = 'label' | 'attempts-exhausted' | 'image-missing' | 'deadline-exceeded';

export interface Gateway {
  at:
    | 'new'
    | 'unclaimed'
    | 'repeating'
    | 'taking-over'
    | 'claimed'
    | 'stored'
    | 'told'
    | 'sent'
    | 'acknowledged'
    | 'waiting'
    | 'answered'
    | 'down';
  /** It repeats what another, or it itself, may have sent. */
  again: boolean;
}

export interface Message {
  /** `hidden`: invisible by a call that came late, and nobody has it. */
  at: 'queue' | 'flight' | 'hidden' | 'dead' | 'sent-again' | 'gone';
  receives: number;
  resent: boolean;
}

export interface Worker {
  at: 'got' | 'read' | 'recorded' | 'working' | 'labelled' | 'stored' | 'replied';
  message: number;
  /** The second receive on, or a marked message: P4 asks more of it. */
  second: boolean;
  lapsed: boolean;
  /** Names its start in the record; '' while it has none there. */
  nonce: string;
  /** The record as it has read it. */
  read: readonly string[];
  /** The result was stored when it received the message. */
  late: boolean;
  value: Answer | '';
}

/** One request, with all who are concerned with it. */
export interface RequestState {
  gateways: readonly Gateway[];
  /** Requests that were made of the one key. */
  requests: number;
  /** The gateway whose claim is in the record; -1: none. */
  claim: number;
  /** The record says that the message was sent. */
  markedSent: boolean;
  /** Messages that gateways have sent, and those of them who may send one each: the first, and one for each that is lost. */
  sends: number;
  senders: number;
  image: 'none' | 'stored' | 'removed';
  accepted: boolean;
  messages: readonly Message[];
  /** Those that hold it, in no order. */
  workers: readonly Worker[];
  /** The dead-letter watch has deleted a message that it still has to send. */
  watchOwesSend: boolean;
  /** The nonces of the starts in the record; `-`: of a worker that is gone. */
  record: readonly string[];
  /** Starts that were not given back on purpose. */
  starts: number;
  /** Recorded starts that ended because their worker was killed or failed. */
  failed: number;
  result: Answer | '';
  /** Every different reply that was sent, and every different answer a caller got. */
  replies: readonly Answer[];
  answers: readonly Answer[];
  deadlinePassed: boolean;
  /** Somebody has purged the queue: only then does the sweep run, so that no other rule leans on it. */
  purged: boolean;
  wrong: string;
  faults: Readonly<Record<RequestFault, number>>;
}

/** A state with some of it changed. */
export const change = (state: RequestState, changes: Partial<RequestState>): RequestState => ({
  ...state,
  ...changes,
});

export const replaced = <T>(list: readonly T[], index: number, item: T): T[] =>
  list.map((each, i) => (i === index ? item : each));

export const withItem = (answers: readonly Answer[], answer: Answer): readonly Answer[] =>
  answers.includes(answer) ? answers : [...answers, answer].sort();

/** The state with one fault fewer left; undefined where none is. */
export function spend(state: RequestState, fault: RequestFault): RequestState | undefined {
  const left = state.faults[fault];
  if (left === 0) return undefined;
  return change(state, { faults: { ...state.faults, [fault]: left - 1 } });
}

export function setMessage(
  state: RequestState,
  index: number,
  changes: Partial<Message>,
): RequestState {
  const message = state.messages[index];
  if (message === undefined) return state;
  return change(state, { messages: replaced(state.messages, index, { ...message, ...changes }) });
}

const GONE: Message = { at: 'gone', receives: 0, resent: false };

export const deleteMessage = (state: RequestState, index: number): RequestState =>
  setMessage(state, index, GONE);

export const sendFromGateway = (state: RequestState, resent: boolean): RequestState =>
  change(send(state, resent), { sends: state.sends + 1 });

/** Puts a message on the request queue, in the place of one that is gone where nobody holds that. */
export function send(state: RequestState, resent: boolean): RequestState {
  const message: Message = { at: 'queue', receives: 0, resent };
  const free = state.messages.findIndex(
    ({ at }, index) => at === 'gone' && !state.workers.some((worker) => worker.message === index),
  );
  const messages =
    free === -1 ? [...state.messages, message] : replaced(state.messages, free, message);
  return change(state, { messages });
}

/** Stores a terminal result (P2). The result that then stands is in the state. */
export function store(state: RequestState, value: Answer, without?: RequestRule): RequestState {
  const stands = state.result !== '' && without !== 'writeOnce';
  return stands ? state : change(state, { result: value });
}

export const reply = (state: RequestState, value: Answer): RequestState =>
  change(state, { replies: withItem(state.replies, value) });
