/** Any value: it is known only at run time. */
export const ANY = 'any';

/**
 * A metric, without its prefix. The apps make their metrics from these, and the dashboards and alerts are checked
 * against them.
 */
export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  /**
   * Labels with the values that each can have. A counter whose values are all known starts with 0 for each: Prometheus
   * does not see the first increment of a series that appears with it.
   */
  labels?: Readonly<Record<string, readonly string[] | typeof ANY>>;
  /** Upper bounds, of a histogram only. */
  buckets?: readonly number[];
}

export type MetricDefinitions = Readonly<Record<`labelfleet_${string}`, MetricDefinition>>;

/** Seconds of a call to AWS. */
export const CALL_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds of a wait for a result. */
export const WAIT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
