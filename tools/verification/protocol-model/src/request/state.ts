import type { Steps } from '../steps.ts';
import type { RequestRule } from './rules.ts';

/** The largest number of occurrences of each fault. */
export const REQUEST_FAULTS = [
  'gatewayCrashes',
  'sendRepliesLost',
  'receivesLost',
  'duplicates',
  'lapses',
  'lateExtensions',
  'lateReleases',
  'lateDeletes',
  'kills',
  'neighbourDeaths',
  'releases',
  'drainDeadlines',
  'outages',
  'recordRepliesLost',
  'repliesLost',
  'watchCrashes',
  'imagesRemoved',
  'deadlines',
  'cancels',
  'purges',
  'earlySweeps',
] as const;
type RequestFault = (typeof REQUEST_FAULTS)[number];

/** Numbers of processes and, by kind, of faults. */
export interface RequestBounds extends Partial<Record<RequestFault, number>> {
  /** The effect of the image on the workers that attempt it. */
  image: 'good' | 'deadly' | 'hanging';
  /** Each receives the request with the same idempotency key. */
  gateways: number;
  /** Workers that hold the request at the same time. */
  workers: number;
  /** A message received so often is a dead letter (50 in the product). */
  mostReceives: number;
  without?: RequestRule;
}

export type Answer =
  'label' | 'attempts-exhausted' | 'image-missing' | 'deadline-exceeded' | 'canceled';

export interface Gateway {
  at:
    | 'new'
    | 'unclaimed'
    | 'repeating'
    | 'taking-over'
    | 'claimed'
    | 'stored'
    | 'accepted-early'
    | 'sent'
    | 'acknowledged'
    | 'waiting'
    | 'answered'
    | 'down';
  /** True if it repeats a request that was possibly sent before. */
  again: boolean;
}

export interface Message {
  /** `hidden`: invisible by a late call, and no worker has it. */
  at: 'queue' | 'flight' | 'hidden' | 'dead' | 'sent-again' | 'gone';
  receives: number;
  resent: boolean;
}

export interface Worker {
  at: 'got' | 'read' | 'recorded' | 'working' | 'labelled' | 'stored' | 'replied';
  message: number;
  /** True for a redelivery or a marked message, for which P4 has more conditions. */
  second: boolean;
  lapsed: boolean;
  /** The nonce of its attempt in the record; '' if it has none. */
  nonce: string;
  /** The record that it has read. */
  read: readonly string[];
  /** True if the result was stored when it received the message. */
  late: boolean;
  value: Answer | '';
}

/** The state of the model: one request. */
export interface RequestState {
  gateways: readonly Gateway[];
  /** The number of requests for the key. */
  requests: number;
  /** The gateway whose claim is in the record; -1: none. */
  claim: number;
  /** True if the record says that the message was sent. */
  markedSent: boolean;
  /** The number of sent messages, and of gateways that may send one: the first, and one for each that was lost. */
  sends: number;
  senders: number;
  image: 'none' | 'stored' | 'removed';
  accepted: boolean;
  messages: readonly Message[];
  /** The workers that hold the request, in any order. */
  workers: readonly Worker[];
  /** True if the dead-letter watch has deleted a message that it has not yet sent. */
  watchOwesSend: boolean;
  /** The nonces of the attempts in the record; `-`: of a dead worker. */
  record: readonly string[];
  /** Attempts that were not withdrawn. */
  attempts: number;
  /** Recorded attempts that ended because their worker was killed or failed. */
  failed: number;
  result: Answer | '';
  /** The distinct replies, and the distinct answers of callers. */
  replies: readonly Answer[];
  answers: readonly Answer[];
  deadlinePassed: boolean;
  /** True after a purge of the queue. The sweep runs only then, so that no other rule relies on it. */
  purged: boolean;
  wrong: string;
  faults: Readonly<Record<RequestFault, number>>;
}

export type RequestSteps = Steps<RequestState>;

/** A copy of a state with changes. */
export const change = (state: RequestState, changes: Partial<RequestState>): RequestState => ({
  ...state,
  ...changes,
});

export const withItem = (answers: readonly Answer[], answer: Answer): readonly Answer[] =>
  answers.includes(answer) ? answers : [...answers, answer].sort();

export function setMessage(
  state: RequestState,
  index: number,
  changes: Partial<Message>,
): RequestState {
  const message = state.messages[index];
  if (message === undefined) return state;
  return change(state, { messages: state.messages.with(index, { ...message, ...changes }) });
}

export const GONE_MESSAGE: Message = { at: 'gone', receives: 0, resent: false };

export const deleteMessage = (state: RequestState, index: number): RequestState =>
  setMessage(state, index, GONE_MESSAGE);

export const sendFromGateway = (state: RequestState, resent: boolean): RequestState =>
  change(send(state, resent), { sends: state.sends + 1 });

/** Adds a message to the request queue, in the index of a deleted one that no worker holds, if there is one. */
export function send(state: RequestState, resent: boolean): RequestState {
  const message: Message = { at: 'queue', receives: 0, resent };
  const free = state.messages.findIndex(
    ({ at }, index) => at === 'gone' && !state.workers.some((worker) => worker.message === index),
  );
  const messages = free === -1 ? [...state.messages, message] : state.messages.with(free, message);
  return change(state, { messages });
}

/** Stores a result unless there is one (P2). The stored result is in the state. */
export function store(state: RequestState, value: Answer, without?: RequestRule): RequestState {
  const stands = state.result !== '' && without !== 'writeOnce';
  return stands ? state : change(state, { result: value });
}

export const reply = (state: RequestState, value: Answer): RequestState =>
  change(state, { replies: withItem(state.replies, value) });
