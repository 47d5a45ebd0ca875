import type { ReportInput, RunBound } from './report-input.ts';

/** CSV with a line for every run and the bounds of its workload and seed. */
export function resultsCsv({ results, bounds }: ReportInput): string {
  const boundOf = (workload: string, seed: number, keeps: RunBound['keeps']) =>
    bounds.find((each) => each.workload === workload && each.seed === seed && each.keeps === keeps)
      ?.billedSeconds;
  const lines = results.map((run) => [
    run.workload,
    run.seed,
    run.policy,
    run.images,
    figure(run.instanceSeconds),
    figure(run.billedSeconds),
    figure(run.usd),
    figure(run.waits.mean),
    figure(run.waits.p50),
    figure(run.waits.p95),
    figure(run.waits.p99),
    figure(run.withinTarget),
    run.interrupted,
    run.launches,
    run.peak,
    run.unanswered,
    figure(boundOf(run.workload, run.seed, 'target')),
    figure(boundOf(run.workload, run.seed, 'same')),
    figure(boundOf(run.workload, run.seed, 'hourly')),
    figure(boundOf(run.workload, run.seed, 'all')),
  ]);
  return `${[HEADER, ...lines.map((line) => line.join(','))].join('\n')}\n`;
}

const HEADER =
  'workload,seed,policy,images,instance_seconds,billed_seconds,usd,wait_mean_s,wait_p50_s,wait_p95_s,wait_p99_s,' +
  'within_target,interrupted,launches,peak,unanswered,bound_target_s,bound_same_p95_s,bound_hourly_s,bound_all_s';

/** Six significant digits; empty if undefined. */
const figure = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(6)));
