import type { JobEstimate, JobLine, JobView } from '@labelfleet/contracts';

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

/** The state of a job. */
export type Job = JobView;
