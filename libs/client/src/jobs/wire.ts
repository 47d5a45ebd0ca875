import type { JobEstimate, JobLine, JobStop } from '@labelfleet/contracts';

export type { JobEstimate, JobLine };

/** What to classify, and how. */
export interface JobRequest {
  source:
    | {
        /** `s3://bucket/` or `s3://bucket/photos/`. */
        prefix: string;
        /** Patterns of keys; `*` also matches a slash. Default: every key. */
        include?: readonly string[];
        exclude?: readonly string[];
      }
    | {
        /** `s3://bucket/list.jsonl`, with `{"key": "s3://…", "id": "yours"}` a line. */ manifest: string;
      };
  /** How many predictions a result has: 1 to 10. With 1, a result has no predictions but the label. */
  topK?: number | undefined;
  /** The share of right answers below which the label is unknown: 0.5 to 0.99. */
  minPrecision?: number | undefined;
  completeWithinSeconds?: number | undefined;
  /** The job stops when it has cost so much. */
  maxCostUsd?: number | undefined;
  /** Where the parts with the results are stored. */
  destination?: string | undefined;
}

export type JobStatus = 'planning' | 'running' | 'succeeded' | 'failed' | 'canceling' | 'canceled';

export interface Job {
  id: string;
  status: JobStatus;
  createdAt: string;
  completedAt?: string;
  source: JobRequest['source'];
  /** `s3://bucket/prefix/` with the parts. */
  destination: string;
  /** `skipped`: not classified, because the job was stopped. `remaining` is null until everything is listed. */
  counts: {
    listed: number;
    succeeded: number;
    failed: number;
    skipped: number;
    remaining: number | null;
  };
  imagesPerSecond?: number;
  estimatedCompletion?: { earliest: string; latest: string };
  /** So far; null if a price is not known. */
  costUsd: number | null;
  estimate?: JobEstimate;
  /** Why it failed or was canceled. */
  stop?: Omit<JobStop, 'v'>;
  links: { self: string; events: string; results: string; errors: string };
}
