import type { LoadResult } from './run.ts';

export interface Summary {
  requests: number;
  right: number;
  wrong: number;
  failed: number;
  elapsedSeconds: number;
  /** Labels per second. */
  throughput: number;
  /** The latencies of the requests that got a label; undefined if none did. */
  latencyMs: { p50: number; p95: number; p99: number } | undefined;
}

export function summarise({ answers, elapsedMs }: LoadResult): Summary {
  const count = (kind: string) => answers.filter(({ outcome }) => outcome.kind === kind).length;
  const failed = count('failed');
  const latencies = answers
    .filter(({ outcome }) => outcome.kind !== 'failed')
    .map(({ latencyMs }) => latencyMs)
    .sort((a, b) => a - b);
  return {
    requests: answers.length,
    right: count('right'),
    wrong: count('wrong'),
    failed,
    elapsedSeconds: elapsedMs / 1000,
    throughput: (answers.length - failed) / (elapsedMs / 1000),
    latencyMs:
      latencies.length === 0
        ? undefined
        : {
            p50: percentile(latencies, 50),
            p95: percentile(latencies, 95),
            p99: percentile(latencies, 99),
          },
  };
}

/** The nearest-rank percentile: the smallest value such that this percentage of all values is at most that value. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
