import type {
  CanceledResult,
  FailedResult,
  FleetSnapshot,
  ModelDescription,
  Problem,
  SucceededResult,
} from '@labelfleet/contracts';

/** A stored result, as callers see it. */
type View<Result> = Omit<Result, 'v' | 'caller'> & { links: { self: string } };

export type Succeeded = View<SucceededResult>;
export type Failed = View<FailedResult>;
export type Canceled = View<CanceledResult>;
export type Completed = Succeeded | Failed | Canceled;

/** What the gateway expects of a wait; absent while it does not know. */
export interface Expectation {
  aheadApproximately?: number;
  /** `highSeconds` is null where no upper bound is known. */
  estimatedWait?: { lowSeconds: number; highSeconds: number | null; basis: string };
}

export interface Queued extends Expectation {
  id: string;
  status: 'queued';
  fileName?: string;
  submittedAt: string;
  links: { self: string };
}

export type Classification = Queued | Completed;

/** An image of a batch that was refused on arrival: it has no request. */
export interface RefusedItem {
  id?: undefined;
  status: 'failed';
  fileName?: string;
  problem: Problem;
}

export type BatchItem = (Classification | RefusedItem) & { index: number; customId?: string };

export interface BatchProgress extends Expectation {
  counts: { total: number; queued: number; succeeded: number; failed: number; canceled: number };
}

/** A batch without its items. */
export interface BatchSummary extends BatchProgress {
  id: string;
  status: 'running' | 'completed';
  submittedAt: string;
  completedAt?: string;
  links: { self: string; events: string; results: string };
}

export interface Batch extends BatchSummary {
  items: BatchItem[];
}

export type Fleet = Omit<FleetSnapshot, 'v'> & { stale: boolean };

export interface Models {
  models: Omit<ModelDescription, 'v'>[];
}
