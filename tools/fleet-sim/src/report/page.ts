import { conclusion } from './conclusion.ts';
import { formatCount, formatPercent, formatSeconds } from './formats.ts';
import type { Better } from './head-to-head.ts';
import { overview } from './overview.ts';
import type { ReportInput } from './report-input.ts';
import type { WorkloadSummary } from './summarise.ts';
import type { Claim } from './claim.ts';
import { workloadSection } from './workload-section.ts';

/** The report's first page. */
export function page(
  { ours, workloads }: ReportInput,
  summaries: readonly WorkloadSummary[],
  betters: readonly Better[],
  claims: readonly Claim[],
): string {
  const runs = summaries.reduce((sum, { policies, seeds }) => sum + policies.length * seeds, 0);
  return `${[
    '# Which scaler? All policies on all workloads',
    '<!-- Written by the command npm run fleet-sim. -->',
    `What each way of scaling a fleet costs and how long images wait, simulated second by second under the product's own decisions and under those of its rivals: ${formatCount(runs)} runs.`,
    '## In short',
    conclusion(claims, overview(summaries, betters, ours)),
    `Where another policy is better than \`${ours}\`, and by how much: [head-to-head.md](head-to-head.md); why: [why.md](why.md). How the bound is found and what is simulated: [method.md](method.md). All figures of all runs: [results.csv](results.csv).`,
    ...howToRead(ours),
    ...assumed(workloads),
    '## Workloads',
    summaries
      .map(({ workload }) => `- [${workload.name}](#${workload.name}): ${workload.about}`)
      .join('\n'),
    ...summaries.map((summary) => workloadSection(summary, ours)),
  ].join('\n\n')}\n`;
}

const howToRead = (ours: string): string[] => [
  '## How to read it',
  [
    '- **Wait**: from the arrival of an image to its answer. **p95**: 95 of 100 images wait no longer. **Target**: the wait that a policy is asked to keep for p95.',
    '- **Cost**: what EC2 bills for the instances, from launch to end, a minute at least for each. Requests to SQS and S3 are the same for all policies and left out.',
    '- **Bound**: no schedule can cost less that keeps p95 within the target, even one that knows every arrival, service time and boot beforehand. **Over bound**: cost divided by it. A star marks policies that do not keep the target: the bound does not hold for them. What is claimed of days is held against the bound for the p95 kept in every hour.',
    `- **Stopped**: workers that the policy ended amid an image, in all runs together; **launches** are a mean, the **peak** is that of all runs.`,
    `- In the cost/wait pictures both axes are logarithmic: below and to the left is better. The band joins the policies that no other beats in both; \`${ours}\` is coloured.`,
  ].join('\n'),
];

function assumed(workloads: ReportInput['workloads']): string[] {
  const world = workloads[0]?.world;
  if (world === undefined) return [];
  const { boot, billing, threads, slots } = world;
  const p95 = boot.medianSeconds * Math.exp(1.645 * boot.logSpread);
  return [
    '## What was assumed',
    [
      `- Instances are ${billing.instanceType} at $${billing.usdPerHour} an hour, billed by the second, ${billing.minimumSeconds} s at least. A boot takes ${formatSeconds(boot.medianSeconds)} in the median and ${formatSeconds(p95)} in one of twenty.`,
      `- A worker works on ${threads} images at a time and holds ${slots}. An image takes a quarter of a second unless the workload says otherwise.`,
      `- A scaler looks every ${world.tickSeconds} s, at counts ${world.api.countLagSeconds} s old and reports ${world.api.reportLagSeconds} s old. Rivals look as often as their documentation says.`,
      `- Every run begins with ${world.minWorkers === 0 ? 'an empty fleet' : `${world.minWorkers} instances`}. The same workload and seed are the same for every policy.`,
      `- These are simulations. Runs of the real product beside what was predicted for them are on [the simulator's page](../fleet-sim.md).`,
      `- ${formatPercent(0.05)} of images may miss the target without it being missed: that is what a 95th percentile means, and the bound makes use of it.`,
    ].join('\n'),
  ];
}
