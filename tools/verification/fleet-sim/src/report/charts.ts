import { fleetChart } from './chart/fleet-chart.ts';
import { planeChart } from './chart/plane-chart.ts';
import type { WorkloadSummary } from './summarise.ts';

/** `plane`: the cost and wait of each policy; `fleet`: its fleet and backlog over time. */
export interface Chart {
  workload: string;
  kind: 'plane' | 'fleet';
}

/** The charts of the report: a burst without workers, repeated bursts, and a day. */
const SHOWN: readonly Chart[] = [
  { workload: 'burst-100', kind: 'plane' },
  { workload: 'sparse-bursts', kind: 'fleet' },
  { workload: 'day-14', kind: 'plane' },
  { workload: 'day-14', kind: 'fleet' },
];

export const chartFile = ({ workload, kind }: Chart): string => `${workload}-${kind}.svg`;

/** The charts of the workloads that were run, and their SVG sources. */
export function drawImages(
  summaries: readonly WorkloadSummary[],
  ours: string,
): { chart: Chart; svg: string }[] {
  return SHOWN.flatMap((chart) => {
    const summary = summaries.find(({ workload }) => workload.name === chart.workload);
    if (summary === undefined) return [];
    const draw = chart.kind === 'plane' ? planeChart : fleetChart;
    return [{ chart, svg: draw(summary, ours) }];
  });
}
