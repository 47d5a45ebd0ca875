import type { Sample } from '../types.ts';
import { CHART_COLOURS, CHART_WIDTH, renderChart } from '../render-chart.ts';
import { formatLength, formatSeconds, formatUsd } from './formats.ts';
import type { PolicySummary, WorkloadSummary } from './summarise.ts';

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

const colourOf = (policy: string, ours: string) =>
  policy === ours ? CHART_COLOURS.ours : CHART_COLOURS.other;

/** All policies by cost and wait, as means over the seeds; lower left is better. */
export function planeChart(
  { workload, policies, boundUsd }: WorkloadSummary,
  ours: string,
): string {
  const target = workload.world.targetWaitSeconds;
  const axis = {
    type: 'log',
    nameLocation: 'middle',
    axisLabel: { showMinLabel: false, showMaxLabel: false },
  } as const;
  return renderChart(460, {
    title: {
      text: `${workload.name}: cost and wait`,
      subtext:
        'below and to the left is better; the band joins those that none is better than in both',
    },
    grid: { left: 60, right: 246, top: 80, bottom: 50 },
    xAxis: {
      ...axis,
      name: 'cost of the instances in USD',
      nameGap: 30,
      ...around([...policies.map(({ usd }) => usd), boundUsd ?? Infinity]),
    },
    yAxis: {
      ...axis,
      name: '95th percentile of the wait in seconds',
      nameGap: 35,
      ...around([...policies.map(({ p95 }) => p95), target]),
    },
    series: [
      {
        type: 'line',
        data: paretoFront(policies).map(({ usd, p95 }) => [usd, p95]),
        symbol: 'none',
        lineStyle: { color: CHART_COLOURS.ours, opacity: 0.3, width: 6 },
      },
      {
        type: 'scatter',
        data: policies.map(({ policy, usd, p95 }) => ({
          name: policy,
          value: [usd, p95],
          itemStyle: { color: colourOf(policy, ours), opacity: 1 },
          label: {
            formatter: `${policy}: ${formatUsd(usd)}, ${formatSeconds(p95)}`,
            color: policy === ours ? CHART_COLOURS.ours : CHART_COLOURS.ink,
          },
        })),
        symbolSize: 9,
        // The labels are a column beside the plane, with a line to each point.
        label: { show: true, position: 'right', minMargin: 2 },
        labelLine: { show: true, lineStyle: { color: CHART_COLOURS.other, width: 0.7 } },
        labelLayout: { x: CHART_WIDTH - 226, moveOverlap: 'shiftY' },
        markLine: {
          precision: 9,
          symbol: 'none',
          label: { position: 'insideStartTop', color: CHART_COLOURS.backlog },
          lineStyle: { color: CHART_COLOURS.backlog },
          data: [
            { yAxis: target, label: { formatter: `target ${formatSeconds(target)}` } },
            ...(boundUsd === undefined
              ? []
              : [{ xAxis: boundUsd, label: { formatter: `bound ${formatUsd(boundUsd)}` } }]),
          ],
        },
      },
    ],
  });
}

/** The Pareto front in cost and wait, from the cheapest to the fastest. */
export function paretoFront(policies: readonly PolicySummary[]): PolicySummary[] {
  const front: PolicySummary[] = [];
  for (const policy of policies.toSorted((a, b) => a.usd - b.usd || a.p95 - b.p95)) {
    if (policy.p95 < (front.at(-1)?.p95 ?? Infinity)) front.push(policy);
  }
  return front;
}

/** The limits of a logarithmic axis that shows all finite values with a margin. */
function around(values: readonly number[]): { min: number; max: number } {
  const shown = values.filter((value) => value > 0 && value < Infinity);
  return { min: Math.min(...shown) / 1.3, max: Math.max(...shown) * 1.3 };
}

const COLUMNS = 3;
const CELL = { width: 280, height: 184 };
const PLOT_WIDTH = 222;

/** The fleet and the backlog of every policy over time on the same scales: ours first, then by cost. */
export function fleetChart({ workload, policies }: WorkloadSummary, ours: string): string {
  const { name, durationSeconds } = workload;
  const ordered = policies.toSorted(
    (a, b) => Number(b.policy === ours) - Number(a.policy === ours),
  );
  const most = (value: (sample: Sample) => number) =>
    ordered.reduce((all, { series }) => Math.max(all, ...series.map(value)), 1);
  const cells = ordered.map((summary, index) => ({
    ...summary,
    left: 46 + CELL.width * (index % COLUMNS),
    top: 122 + CELL.height * Math.floor(index / COLUMNS),
    /** The indices of its axes. */
    fleet: 2 * index,
    backlog: 2 * index + 1,
  }));
  const xAxis = { type: 'value', min: 0, max: durationSeconds, interval: durationSeconds } as const;
  const yAxis = (gridIndex: number, max: number, formatter: (value: number) => string) => ({
    ...{ type: 'value' as const, gridIndex, min: 0, max, interval: max },
    axisLabel: { formatter },
  });
  return renderChart(80 + CELL.height * Math.ceil(ordered.length / COLUMNS), {
    title: [
      {
        text: `${name}: fleet and backlog over time`,
        subtext:
          'Above: instances, those that boot in the lighter colour. Below: images not yet answered, on a logarithmic\n' +
          'scale. All on the same scales; beside each name what it costs and its 95th percentile.',
      },
      ...cells.map(({ policy, usd, p95, left, top }) => ({
        ...{ text: policy, subtext: `${formatUsd(usd)}, ${formatSeconds(p95)}` },
        ...{ left: left - 6, top: top - 44, itemGap: 2 },
        textStyle: {
          fontSize: 12,
          color: policy === ours ? CHART_COLOURS.ours : CHART_COLOURS.ink,
        },
      })),
    ],
    grid: cells.flatMap(({ left, top }) => [
      { left, top, width: PLOT_WIDTH, height: 56, outerBoundsMode: 'none' },
      { left, top: top + 72, width: PLOT_WIDTH, height: 34, outerBoundsMode: 'none' },
    ]),
    xAxis: cells.flatMap(({ fleet, backlog }) => [
      { ...xAxis, gridIndex: fleet, show: false },
      {
        ...{ ...xAxis, gridIndex: backlog, splitLine: { show: false } },
        axisLabel: { formatter: formatLength, alignMinLabel: 'left', alignMaxLabel: 'right' },
      },
    ]),
    yAxis: cells.flatMap(({ fleet, backlog }) => [
      yAxis(
        fleet,
        most((sample) => sample.fleet),
        String,
      ),
      yAxis(backlog, most(logBacklog), (log) => String(Math.round(10 ** log - 1))),
    ]),
    series: cells.flatMap(({ policy, series, fleet, backlog }) => {
      const steps = (axisIndex: number, value: (sample: Sample) => number) => ({
        ...{ type: 'line' as const, step: 'end' as const, symbol: 'none' },
        ...{ xAxisIndex: axisIndex, yAxisIndex: axisIndex },
        data: thinOut(series, durationSeconds, value),
      });
      const area = (opacity: number) => ({
        lineStyle: { opacity: 0 },
        areaStyle: { color: colourOf(policy, ours), opacity },
      });
      return [
        { ...steps(fleet, (sample) => sample.fleet), ...area(0.3) },
        { ...steps(fleet, ({ fleet: all, booting }) => all - booting), ...area(0.7) },
        { ...steps(backlog, logBacklog), lineStyle: { color: CHART_COLOURS.backlog, width: 1.2 } },
      ];
    }),
  });
}

const logBacklog = ({ backlog }: Sample): number => Math.log10(1 + backlog);

/** A point has two pixels, so that positions are short numbers. */
const POINTS = PLOT_WIDTH / 2;

/** The highest value in each part of the time, without those that only repeat the one before, and the last. */
function thinOut(
  series: readonly Sample[],
  lengthSeconds: number,
  value: (sample: Sample) => number,
): [number, number][] {
  const partOf = ({ atSeconds }: Sample) =>
    Math.min(POINTS - 1, Math.floor((atSeconds / lengthSeconds) * POINTS));
  const points = [...Map.groupBy(series, partOf)].map(([part, samples]): [number, number] => [
    (part * lengthSeconds) / POINTS,
    Math.max(...samples.map(value)),
  ]);
  const changes = points.filter(([, high], index) => high !== points[index - 1]?.[1]);
  return [...changes, [lengthSeconds, points.at(-1)?.[1] ?? 0]];
}
