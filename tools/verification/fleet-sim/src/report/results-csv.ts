import type { RunResult } from '../types.ts';
import type { ReportInput } from './report-input.ts';

const RUN_COLUMNS: Readonly<Record<string, (run: RunResult) => string | number>> = {
  workload: (run) => run.workload,
  seed: (run) => run.seed,
  policy: (run) => run.policy,
  images: (run) => run.images,
  instance_seconds: (run) => figure(run.instanceSeconds),
  billed_seconds: (run) => figure(run.billedSeconds),
  usd: (run) => figure(run.usd),
  wait_mean_s: ({ waits }) => figure(waits.mean),
  wait_p50_s: ({ waits }) => figure(waits.p50),
  wait_p95_s: ({ waits }) => figure(waits.p95),
  wait_p99_s: ({ waits }) => figure(waits.p99),
  within_target: (run) => figure(run.withinTarget),
  interrupted: (run) => run.interrupted,
  launches: (run) => run.launches,
  peak: (run) => run.peak,
  unanswered: (run) => run.unanswered,
};

const BOUND_COLUMNS = {
  bound_target_s: 'target',
  bound_same_p95_s: 'same',
  bound_hourly_s: 'hourly',
  bound_all_s: 'all',
} as const;

/** CSV with a line for every run and the bounds of its workload and seed. */
export function resultsCsv({ results, bounds }: ReportInput): string {
  const header = [...Object.keys(RUN_COLUMNS), ...Object.keys(BOUND_COLUMNS)];
  const lines = results.map((run) => {
    const ofRun = bounds.filter(
      ({ workload, seed }) => workload === run.workload && seed === run.seed,
    );
    return [
      ...Object.values(RUN_COLUMNS).map((column) => column(run)),
      ...Object.values(BOUND_COLUMNS).map((keeps) =>
        figure(ofRun.find((bound) => bound.keeps === keeps)?.billedSeconds),
      ),
    ];
  });
  return [header, ...lines].map((line) => `${line.join(',')}\n`).join('');
}

/** Six significant digits; empty if undefined. */
const figure = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(6)));
