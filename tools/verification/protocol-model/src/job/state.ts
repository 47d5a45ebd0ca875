import type {
  ChunkAttempts,
  JobCounts,
  JobPage,
  JobPlan,
  JobStop,
  JobSummary,
} from '@labelfleet/contracts';
import type { PlanState } from '@labelfleet/worker/protocol';
import type { Steps } from '../steps.ts';
import type { JobRule } from './rules.ts';

/** The largest number of occurrences of each fault. */
export const JOB_FAULTS = [
  'gatewayCrashes',
  'duplicates',
  'lapses',
  'kills',
  'releases',
  'sourceChanges',
  'cancels',
  'purges',
] as const;
type JobFault = (typeof JOB_FAULTS)[number];

/** Numbers of processes and, by kind, of faults. */
export interface JobBounds extends Partial<Record<JobFault, number>> {
  /** How many images each page of the source has. A chunk has `chunkImages`. */
  pages: readonly number[];
  chunkImages: number;
  /** Which image of the first chunk kills every worker that attempts it; -1: none. */
  deadly: number;
  /** Workers that hold a message of the job at the same time. */
  workers: number;
  /** A message received so often is a dead letter (50 in the product). */
  mostReceives: number;
  without?: JobRule;
}

export interface Message {
  type: 'plan' | 'chunk';
  page: number;
  chunk: number;
  at: 'queue' | 'flight' | 'dead' | 'gone';
  receives: number;
  resent: boolean;
}

/** What a worker knows on the way to the completion of a page and the job: CompletionState as plain data. */
export interface Completing {
  page?: number;
  parts?: readonly number[];
  counts?: JobCounts;
  marked?: true;
  plan?: JobPlan | null;
  done?: readonly (readonly [number, JobCounts])[];
  stop?: JobStop | null;
  summary?: JobSummary;
  summaryIsNew?: boolean;
  active?: boolean;
  notified?: true;
}

/** RepairState as plain data. */
export interface Repairing {
  done?: readonly number[];
  from: number;
  page?: number;
  provided?: readonly number[];
}

/** What a worker does with its message. */
export type Doing =
  | { kind: 'plan'; known: PlanState }
  | { kind: 'repair'; known: Repairing }
  /** `image`: the one that is attempted; `lines`: how those before it ended. */
  | { kind: 'chunk'; at: 'got' | 'attempt'; image: number; lines: string; recorded: boolean }
  | { kind: 'chunk-done'; lines: string; skipped: boolean }
  /** `ownCounts`: of the part that it made; `repairing`: what it goes on with. */
  | { kind: 'complete'; known: Completing; ownCounts?: JobCounts; repairing?: Repairing }
  | { kind: 'delete' };

export interface Worker {
  message: number;
  /** Which receive of the message this is. */
  receive: number;
  lapsed: boolean;
  doing: Doing;
}

export interface Part {
  page: number;
  chunk: number;
  /** Keys of the images it has lines for. */
  images: readonly string[];
  counts: JobCounts;
}

/** The state of the model: one job. Everything but messages and workers is in a bucket. */
export interface JobState {
  gateway: 'new' | 'stored' | 'marked' | 'sent' | 'done' | 'down';
  accepted: boolean;
  active: boolean;
  pages: readonly JobPage[];
  plan: JobPlan | null;
  parts: readonly Part[];
  markers: readonly { page: number; counts: JobCounts }[];
  stop: JobStop | null;
  summary: JobSummary | null;
  notified: boolean;
  /** The attempts at images of the first chunk, and how many workers each of its images killed. */
  record: ChunkAttempts;
  deaths: readonly number[];
  messages: readonly Message[];
  /** The workers that hold a message of the job, in any order. */
  workers: readonly Worker[];
  /** Grows when the source changes. */
  source: number;
  /** True after a purge of the queue. The repair runs only then, so that no other rule relies on it. */
  purged: boolean;
  wrong: string;
  faults: Readonly<Record<JobFault, number>>;
}

export type JobSteps = Steps<JobState>;

/** A copy of a state with changes. */
export const change = (state: JobState, changes: Partial<JobState>): JobState => ({
  ...state,
  ...changes,
});

const GONE: Message = { type: 'chunk', page: 0, chunk: 0, at: 'gone', receives: 0, resent: false };

export function setMessage(state: JobState, index: number, changes: Partial<Message>): JobState {
  const message = state.messages[index];
  if (message === undefined) return state;
  return change(state, { messages: state.messages.with(index, { ...message, ...changes }) });
}

export const deleteMessage = (state: JobState, index: number): JobState =>
  change(state, { messages: state.messages.with(index, GONE) });

/** Adds a message to the batch queue, in the index of a deleted one that no worker holds, if there is one. */
export function send(
  state: JobState,
  sent: Pick<Message, 'type' | 'resent'> & Partial<Pick<Message, 'page' | 'chunk'>>,
): JobState {
  const message: Message = { page: 0, chunk: 0, ...sent, at: 'queue', receives: 0 };
  const free = state.messages.findIndex(
    ({ at }, index) => at === 'gone' && !state.workers.some((worker) => worker.message === index),
  );
  const messages = free === -1 ? [...state.messages, message] : state.messages.with(free, message);
  return change(state, { messages });
}

/** All messages that are on the queue or with a worker are deleted. */
export const purge = (state: JobState): JobState =>
  change(state, {
    messages: state.messages.map((each) =>
      each.at === 'queue' || each.at === 'flight' ? GONE : each,
    ),
    purged: true,
  });

export const partOf = ({ parts }: JobState, page: number, chunk: number): Part | undefined =>
  parts.find((part) => part.page === page && part.chunk === chunk);
