import { chartFile, type Chart } from './charts.ts';
import { formatCount, formatSeconds } from './formats.ts';
import { overview } from './overview.ts';
import type { ReportInput } from './report-input.ts';
import type { WorkloadSummary } from './summarise.ts';
import { conclusion, overviewTable, verdictTable, workloadTable } from './tables.ts';
import type { Claim } from './verdict.ts';

/** The report: one page. */
export function page(
  { ours, workloads }: ReportInput,
  summaries: readonly WorkloadSummary[],
  claims: readonly Claim[],
  charts: readonly Chart[],
): string {
  const all = summaries.reduce((sum, { runs }) => sum + runs, 0);
  const overviews = overview(summaries, ours);
  return `${[
    '# Which scaler? All policies on all workloads',
    '<!-- Written by the command npm run fleet-sim. -->',
    `For those who choose a scaling policy: what each one costs and how long images wait, in ${formatCount(all)} simulated runs. What is simulated, what the rivals are and how the bound is found: [the simulator](../fleet-sim.md). Every run: [results.csv](results.csv). With jobs: [jobs](jobs.md).`,
    conclusion(overviews),
    verdictTable(claims),
    overviewTable(overviews),
    `## Workload by workload`,
    workloadTable(summaries, ours),
    ...howToRead(workloads),
    '## Pictures',
    ...charts.map(
      (chart) =>
        `![${chart.kind === 'plane' ? 'Cost and wait' : 'Fleet and backlog over time'} of each policy on ${chart.workload}](${chartFile(chart)})`,
    ),
  ].join('\n\n')}\n`;
}

function howToRead(workloads: ReportInput['workloads']): string[] {
  const world = workloads[0]?.world;
  if (world === undefined) return [];
  const { boot, billing, threads } = world;
  const p95 = boot.medianSeconds * Math.exp(1.645 * boot.logSpread);
  return [
    [
      `- **Wait**: from the arrival of an image to its answer. The target is that 95 % wait no longer than ${formatSeconds(world.targetWaitSeconds)} (p95).`,
      `- **Cost**: what EC2 bills for ${billing.instanceType} at $${billing.usdPerHour} an hour, by the second and ${billing.minimumSeconds} s at least, without the calls of SQS and S3.`,
      `- **Over bound**: cost divided by the bound, below which no schedule keeps the target. A star marks runs that do not keep it, so that the bound does not hold for them.`,
      `- A boot takes ${formatSeconds(boot.medianSeconds)} in the median and ${formatSeconds(p95)} in one of twenty. A worker classifies ${threads} images at a time, a quarter of a second each unless the workload says otherwise. Every run begins with no instance.`,
    ].join('\n'),
  ];
}
