import { CHART_COLOURS, CHART_WIDTH, renderChart } from '@labelfleet/fleet-sim/render-chart';
import type { Round, Sample } from './round.ts';

const LEFT = 60;
const TOP = 104;
const PANEL = { width: CHART_WIDTH - LEFT - 20, height: 100 };
const ROW = PANEL.height + 52;

type Point = [seconds: number, value: number];

/** Instances, backlog, answers and latencies over time, one below the other, as SVG. */
export function drawRound({ images, samples, answers }: Round): string {
  const overTime = (value: (sample: Sample) => number): Point[] =>
    changes(samples.map((sample) => [sample.atMs / 1000, value(sample)]));
  const answered = answers.map(({ atMs }, index): Point => [atMs / 1000, index + 1]);
  const end = Math.ceil((samples.at(-1)?.atMs ?? 0) / 1000);
  const { ours, backlog, other } = CHART_COLOURS;
  const panels = [
    {
      title: 'instances: running, and in the lighter colour those that launch or end',
      series: [
        area(
          overTime(({ launching, running, stopping }) => launching + running + stopping),
          0.3,
        ),
        area(
          overTime(({ running }) => running),
          0.7,
        ),
      ],
    },
    {
      title: 'images on the queue: waiting (orange) and in flight (grey)',
      series: [
        steps(
          overTime(({ waiting }) => waiting),
          backlog,
        ),
        steps(
          overTime(({ inFlight }) => inFlight),
          other,
        ),
      ],
    },
    { title: 'answers', series: [steps([[0, 0], ...answered], ours)] },
    {
      title: 'seconds from upload to answer, of each image at the time of its answer',
      series: [
        {
          type: 'scatter' as const,
          symbolSize: 5,
          itemStyle: { color: ours },
          data: answers.map(({ atMs, latencyMs }): Point => [atMs / 1000, latencyMs / 1000]),
        },
      ],
    },
  ].map((panel, index) => ({ ...panel, index, top: TOP + index * ROW }));
  return renderChart(TOP + panels.length * ROW, {
    title: [
      { text: `${images} images`, subtext: 'seconds since the first upload' },
      ...panels.map(({ title, top }) => {
        return { subtext: title, left: LEFT - 5, top: top - 34 };
      }),
    ],
    grid: panels.map(({ top }) => ({ left: LEFT, top, ...PANEL, outerBoundsMode: 'none' })),
    xAxis: panels.map(({ index }) => ({ ...AXIS, gridIndex: index, max: end })),
    yAxis: panels.map(({ index }) => ({ type: 'value', gridIndex: index, min: 0, splitNumber: 4 })),
    series: panels.flatMap(({ series, index }) =>
      series.map((each) => ({ ...each, xAxisIndex: index, yAxisIndex: index })),
    ),
  });
}

/** The points without those that only repeat the value before, and the last. */
const changes = (points: readonly Point[]): Point[] =>
  points.filter(
    ([, value], index) => index === points.length - 1 || value !== points[index - 1]?.[1],
  );

const AXIS = { type: 'value', min: 0, axisLabel: { showMaxLabel: false } } as const;
const line = { type: 'line', step: 'end', symbol: 'none' } as const;
const steps = (data: Point[], color: string) => ({
  ...line,
  data,
  lineStyle: { color, width: 1.5 },
});
const area = (data: Point[], opacity: number) => ({
  ...line,
  data,
  lineStyle: { opacity: 0 },
  areaStyle: { color: CHART_COLOURS.ours, opacity },
});
