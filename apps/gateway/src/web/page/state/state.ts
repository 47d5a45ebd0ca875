import type {
  Batch,
  BatchProgress,
  Classification,
  BatchItem,
  Fleet,
  Model,
  Problem,
} from '../network/api-types.ts';
import type { JobsEvent, JobsState } from '../jobs/jobs-state.ts';

export type Phase = 'unsent' | 'sending' | 'queued' | 'succeeded' | 'failed';

/** Why an image has no label. */
export interface Failure {
  title: string;
  /** What is wrong, and what to do. */
  detail: string;
  /** True if the same image may succeed when it is sent again. */
  canRetry: boolean;
}

/** One image of the list. */
export interface Row {
  readonly id: string;
  /** The Idempotency-Key of its upload. A retry after a failure gets a new one. */
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly phase: Phase;
  /** The part of the upload that has been sent, from 0 to 1. */
  readonly sent: number;
  /** How many uploads of this key got no answer from the gateway. */
  readonly tries: number;
  /** An unsent image is not sent before this time. */
  readonly notBefore: number;
  /** When the gateway accepted the request. */
  readonly acceptedAt?: number;
  readonly requestId?: string;
  readonly batchId?: string;
  readonly result?: Classification;
  readonly failure?: Failure;
  /** An object URL of a small version of the image. */
  readonly thumbnail?: string;
  /** True if the browser has the image's bytes, so that it can be sent again. */
  readonly hasFile: boolean;
}

/** When a result is expected. Both ends may come earlier, but never later. */
export interface Range {
  readonly lowAt: number;
  readonly highAt: number;
}

export interface BatchState {
  readonly completed: boolean;
  readonly range?: Range;
  /** The gateway's sentence about what the batch waits for. */
  readonly basis?: string;
}

/** Why the last call got no answer from a gateway. */
export type Trouble = 'offline' | 'no answer' | 'not the gateway';

export const FILTERS = ['all', 'done', 'waiting', 'failed'] as const;
export type Filter = (typeof FILTERS)[number];

export interface State {
  readonly rows: readonly Row[];
  readonly batches: Readonly<Record<string, BatchState>>;
  /** The range that the fleet snapshot gives for images that are in no batch yet. */
  readonly fleetRange?: Range;
  readonly fleet?: Fleet;
  readonly model?: Model;
  /** Undefined: it is not known whether the gateway has jobs, or it has none. */
  readonly jobs?: JobsState;
  readonly trouble?: Trouble;
  /** `needed`: the gateway wants an API key; `refused`: it did not accept the one that was entered. */
  readonly apiKey: 'unasked' | 'needed' | 'entered' | 'refused';
  readonly filter: Filter;
  /** A sentence about what the user did last, such as a dropped link. */
  readonly notice: string;
}

export const INITIAL: State = {
  rows: [],
  batches: {},
  apiKey: 'unasked',
  filter: 'all',
  notice: '',
};

/** True while no call can succeed for want of a valid API key. */
export const isKeyMissing = ({ apiKey }: State): boolean =>
  apiKey === 'needed' || apiKey === 'refused';

/** The batches without all of their results, oldest first. */
export const openBatches = ({ batches }: Pick<State, 'batches'>): [string, BatchState][] =>
  Object.entries(batches).filter(([, { completed }]) => !completed);

export type NewRow = Pick<Row, 'id' | 'key' | 'name' | 'size'> & {
  /** An image that is refused before its upload. */
  failure?: Failure;
};

/** A row from the browser's storage. */
export type KeptRow = NewRow & Pick<Row, 'hasFile' | 'requestId' | 'batchId' | 'thumbnail'>;

/** What can happen. Times are Unix milliseconds. */
export type Event =
  | { kind: 'added'; rows: readonly NewRow[] }
  | { kind: 'restored'; rows: readonly KeptRow[]; batchIds: readonly string[] }
  | { kind: 'upload-started'; id: string }
  | { kind: 'upload-progressed'; id: string; sent: number }
  | { kind: 'upload-accepted'; id: string; answer: Classification; at: number }
  | { kind: 'upload-refused'; id: string; problem: Problem }
  | { kind: 'upload-unanswered'; id: string; notBefore: number }
  | { kind: 'gathered'; ids: readonly string[]; batchId: string }
  | { kind: 'gathering-refused'; ids: readonly string[]; problem: Problem }
  | { kind: 'batch-read'; batch: Batch; at: number }
  | { kind: 'batch-progressed'; batchId: string; progress: BatchProgress; at: number }
  | { kind: 'item-completed'; batchId: string; item: BatchItem }
  | { kind: 'batch-done'; batchId: string }
  | { kind: 'batch-missing'; batchId: string }
  | { kind: 'troubled'; trouble: Trouble }
  | { kind: 'reached' }
  | { kind: 'hurried' }
  | { kind: 'key-refused' }
  | { kind: 'key-entered' }
  | { kind: 'fleet-read'; fleet: Fleet | undefined; at: number }
  | { kind: 'model-read'; model: Model }
  | { kind: 'thumbnail-made'; id: string; url: string }
  | { kind: 'retried'; keys: Readonly<Record<string, string>> }
  | { kind: 'filtered'; filter: Filter }
  | { kind: 'noticed'; notice: string }
  | { kind: 'cleared' }
  | JobsEvent;
