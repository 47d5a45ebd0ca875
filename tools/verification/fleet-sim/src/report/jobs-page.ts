import { callsOfJob, callsUsd, US_EAST_1_PRICES, type Calls } from '@labelfleet/scaling';
import { markdownTable } from '../markdown-table.ts';
import { mean, sumOf } from '../statistics.ts';
import type { JobResult, RunResult } from '../types.ts';
import { formatCount, formatLength, formatSeconds, formatUsd } from './formats.ts';

/** A run with jobs, and the same requests without. */
export interface JobRun {
  kind: { name: string; about: string };
  run: RunResult;
  without: RunResult;
  jobs: readonly JobResult[];
  /** Seconds of a whole worker for all requests. */
  requestSeconds: number;
  /** No schedule is billed less. */
  boundSeconds: number;
  usdPerSecond: number;
}

/** The page on jobs. The same runs give byte for byte the same page. */
export function jobsPage(runs: readonly JobRun[]): string {
  const ofDeadline = runs.filter(({ run }) => run.policy === 'deadline');
  return `${[
    '# Jobs beside requests',
    '<!-- Written by the command npm run fleet-sim -- jobs. -->',
    `For those who want to know what a job costs, how long it takes, and what it does to requests: ${formatCount(runs.length)} simulated runs, and as many of the same requests without jobs. How: [the simulator](../fleet-sim.md#jobs).`,
    '## What requests notice, and when jobs are done',
    conclusion(runs),
    waitsTable(runs),
    '- **Wait**: p95 from the arrival of a request to its answer; an image of a job takes a quarter of a second of a thread unless the workload says otherwise.',
    '## What it costs, under the policy `deadline`',
    costTable(ofDeadline),
    [
      '- **Work** of jobs and of requests: seconds that the workers needed for their images, at c7g.large on demand. **Boots, idle**: the other billed seconds.',
      '- **Calls** of jobs by [the table](../../libs/scaling/src/jobs/calls-of-job.ts) that estimates use, at least and at most.',
      '- **Jobs together**: what the run costs more than without jobs, and the calls.',
      '- **Over bound**: billed seconds divided by the larger of two bounds: all work and the boots that a time limit demands; and the clairvoyant bound of the requests alone.',
    ].join('\n'),
    '## Calls of a job of a million images',
    callsTable(ofDeadline.filter(({ kind }) => kind.name === 'job-million-alone')),
  ].join('\n\n')}\n`;
}

/** Means over the seeds, as in the table. */
function conclusion(runs: readonly JobRun[]): string {
  const later = byName(runs).map((of) =>
    mean(of.map(({ run, without }) => run.waits.p95 - without.waits.p95)),
  );
  const late = runs.flatMap(({ jobs }) =>
    jobs.filter(
      ({ seconds, completeWithinSeconds: within }) => (seconds ?? Infinity) > (within ?? Infinity),
    ),
  );
  const inTime =
    late.length === 0
      ? 'Every job with a time limit is done in it'
      : `${late.length} jobs are done later than their limit`;
  return `${inTime}. The p95 of requests grows by ${formatSeconds(Math.max(0, ...later))} at most.`;
}

const byName = (runs: readonly JobRun[]) =>
  [...Map.groupBy(runs, ({ kind, run }) => `${kind.name} ${run.policy}`)].map(([, of]) => of);

const waitsTable = (runs: readonly JobRun[]): string =>
  markdownTable(
    [
      ...['Workload', 'What comes', 'Policy', 'p95 without jobs', 'p95 with'],
      ...['Jobs done after', 'Limit', 'Workers', 'Launches'],
    ],
    byName(runs).map((of) => {
      const first = of[0]!;
      const over = (value: (each: JobRun) => number) => mean(of.map(value));
      const waits = (value: (each: JobRun) => RunResult) =>
        first.run.images === 0 ? '' : formatSeconds(over((each) => value(each).waits.p95));
      return [
        ...[first.kind.name, first.kind.about, first.run.policy],
        waits(({ without }) => without),
        waits(({ run }) => run),
        first.jobs.map((_, job) => longest(of, job)).join(', '),
        first.jobs
          .map(({ completeWithinSeconds: within }) =>
            within === null ? 'none' : formatLength(within),
          )
          .join(', '),
        String(Math.max(...of.map(({ run }) => run.peak))),
        over(({ run }) => run.launches).toFixed(0),
      ];
    }),
    3,
  );

/** Of all seeds. */
function longest(of: readonly JobRun[], job: number): string {
  const seconds = of.map(({ jobs }) => jobs[job]?.seconds ?? Infinity);
  return formatLength(Math.max(...seconds));
}

const costTable = (runs: readonly JobRun[]): string =>
  markdownTable(
    [
      ...['Workload', 'Work of jobs', 'Work of requests', 'Boots, idle'],
      ...['Calls of jobs', 'Jobs together', 'Over bound'],
    ],
    byName(runs).map((of) => {
      const over = (value: (each: JobRun) => number) => mean(of.map(value));
      const usd = (seconds: (each: JobRun) => number) =>
        over((each) => seconds(each) * each.usdPerSecond);
      const ofJobs = ({ jobs }: JobRun) => sumOf(jobs.map(({ workSeconds }) => workSeconds));
      const more = usd(({ run, without }) => run.billedSeconds - without.billedSeconds);
      const [low, high] = (['low', 'high'] as const).map((bound) =>
        over((each) => callUsd(callsOf(each, bound))),
      ) as [number, number];
      return [
        of[0]!.kind.name,
        formatUsd(usd(ofJobs)),
        formatUsd(usd(({ requestSeconds }) => requestSeconds)),
        formatUsd(usd((each) => each.run.billedSeconds - ofJobs(each) - each.requestSeconds)),
        `${formatUsd(low)} to ${formatUsd(high)}`,
        `${formatUsd(more + low)} to ${formatUsd(more + high)}`,
        over(({ run, boundSeconds }) => run.billedSeconds / boundSeconds).toFixed(2),
      ];
    }),
  );

function callsTable(runs: readonly JobRun[]): string {
  const [first] = runs;
  if (first === undefined) return 'The workload was not run.';
  const kinds = [
    ['S3 GET and HEAD', 's3Get'],
    ['S3 PUT and LIST', 's3Put'],
    ['SQS', 'sqsStandard'],
  ] as const;
  const [low, high] = [callsOf(first, 'low'), callsOf(first, 'high')];
  const only = (calls: Calls, kind: keyof Calls): Calls => ({ ...NO_CALLS, [kind]: calls[kind] });
  return markdownTable(
    ['Calls', 'At least', 'At most', 'USD at least', 'USD at most'],
    kinds.map(([title, kind]) => [
      title,
      ...[low, high].map((calls) => formatCount(calls[kind])),
      ...[low, high].map((calls) => formatUsd(callUsd(only(calls, kind)))),
    ]),
  );
}

const NO_CALLS: Calls = { sqsStandard: 0, sqsFifo: 0, s3Put: 0, s3Get: 0 };

function callsOf({ jobs, run, without }: JobRun, bound: 'low' | 'high'): Calls {
  const sum = (of: (job: JobResult) => number) => sumOf(jobs.map(of));
  return callsOfJob(
    {
      image: sum(({ images }) => images),
      chunk: sum(({ chunks }) => chunks),
      page: sum(({ pages }) => pages),
      job: jobs.length,
      workerSecond: Math.max(0, run.billedSeconds - without.billedSeconds),
      second: sum(({ seconds }) => seconds ?? 0),
    },
    bound,
  );
}

function callUsd(calls: Calls): number {
  const { queue, store } = callsUsd(US_EAST_1_PRICES, calls);
  return (queue ?? NaN) + (store ?? NaN);
}
