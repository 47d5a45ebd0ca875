import type { Sample } from '../../types.ts';
import { formatCount, formatLength, formatSeconds, formatUsd } from '../formats.ts';
import type { PolicySummary, WorkloadSummary } from '../summarise.ts';
import { linear, logarithmicFromZero, roundUp, type Scale } from './scale.ts';
import { element, line, chart, short, text, type Svg } from './svg.ts';
import { thinOut } from './thin-out.ts';

const COLUMNS = 3;
const CELL = { width: 272, height: 166 };
/** Positions in a cell: the ends of the time axis, and the fleet and the backlog above it. */
const PLOT = {
  left: 36,
  right: 264,
  fleetTop: 36,
  fleetBottom: 92,
  backlogTop: 108,
  backlogBottom: 140,
};
const MARGIN = { top: 66, left: 2 };
const POINTS = 115;

interface Axes {
  x: Scale;
  fleet: Scale;
  backlog: Scale;
  lengthSeconds: number;
  mostFleet: number;
  mostBacklog: number;
}

/** A chart of the fleet and the backlog of every policy over time on the same scales: ours first, then by cost. */
export function fleetChart(summary: WorkloadSummary, ours: string): Svg {
  const { workload, policies } = summary;
  const ordered = policies.toSorted(
    (a, b) => Number(b.policy === ours) - Number(a.policy === ours),
  );
  const rows = Math.ceil(ordered.length / COLUMNS);
  const axes = axesOf(summary);
  return chart(
    MARGIN.left + COLUMNS * CELL.width + 10,
    MARGIN.top + rows * CELL.height,
    `${workload.name}: fleet size and backlog of each policy over time`,
    text(16, 24, `${workload.name}: fleet and backlog over time`, { class: 'title' }),
    text(
      16,
      42,
      'above: instances, those that boot in the lighter colour; below: images not yet answered, on a',
      {
        class: 'soft',
      },
    ),
    text(
      16,
      55,
      'logarithmic scale. All on the same scales; beside each name what it costs and its 95th percentile.',
      {
        class: 'soft',
      },
    ),
    ...ordered.map((policy, index) => {
      const x = MARGIN.left + (index % COLUMNS) * CELL.width;
      const y = MARGIN.top + Math.floor(index / COLUMNS) * CELL.height;
      return element(
        'g',
        { transform: `translate(${x} ${y})`, ...(policy.policy === ours && { class: 'own' }) },
        ...cell(policy, axes, policy.policy === ours),
      );
    }),
  );
}

function axesOf({ workload, policies }: WorkloadSummary): Axes {
  const most = (value: (sample: Sample) => number) =>
    policies.reduce(
      (all, { series }) => series.reduce((so, sample) => Math.max(so, value(sample)), all),
      1,
    );
  const mostFleet = roundUp(most(({ fleet }) => fleet));
  const mostBacklog = most(({ backlog }) => backlog);
  const { left, right, fleetTop, fleetBottom, backlogTop, backlogBottom } = PLOT;
  return {
    x: linear({ from: 0, to: workload.durationSeconds }, { from: left, to: right }),
    fleet: linear({ from: 0, to: mostFleet }, { from: fleetBottom, to: fleetTop }),
    backlog: logarithmicFromZero(mostBacklog, { from: backlogBottom, to: backlogTop }),
    lengthSeconds: workload.durationSeconds,
    mostFleet,
    mostBacklog,
  };
}

function cell({ policy, usd, waits, series }: PolicySummary, axes: Axes, own: boolean): Svg[] {
  const samples = thinOut(series, axes.lengthSeconds, POINTS);
  const area = (value: (sample: Sample) => number) =>
    `${steps(samples, axes, (sample) => axes.fleet(value(sample)))}V${short(PLOT.fleetBottom)}H${short(PLOT.left)}Z`;
  return [
    text(PLOT.left, 14, policy, { class: own ? 'name ours' : 'name' }),
    text(PLOT.left, 27, `${formatUsd(usd)}, ${formatSeconds(waits.p95)}`, { class: 'soft' }),
    ...rules(axes),
    element('path', { d: area(({ fleet }) => fleet), class: 'all' }),
    element('path', { d: area(({ fleet, booting }) => Math.max(0, fleet - booting)), class: 'up' }),
    element('path', {
      d: steps(samples, axes, ({ backlog }) => axes.backlog(backlog)),
      class: 'backlog',
    }),
  ];
}

function rules({ x, fleet, backlog, mostFleet, mostBacklog, lengthSeconds }: Axes): Svg[] {
  const { left, right } = PLOT;
  const rule = (y: number, label: string) => [
    line([left, y], [right, y], 'rule'),
    text(left - 4, y + 3.5, label, { class: 'soft', 'text-anchor': 'end' }),
  ];
  const end = x(lengthSeconds);
  return [
    ...[0, mostFleet].flatMap((count) => rule(fleet(count), formatCount(count))),
    ...[0, mostBacklog].flatMap((count) => rule(backlog(count), shortCount(count))),
    text(left, PLOT.backlogBottom + 13, '0', { class: 'soft' }),
    text(end, PLOT.backlogBottom + 13, formatLength(lengthSeconds), {
      class: 'soft',
      'text-anchor': 'end',
    }),
  ];
}

/** A step line. */
function steps(samples: readonly Sample[], { x }: Axes, y: (sample: Sample) => number): string {
  let path = '';
  let before = '';
  for (const sample of samples) {
    const at = short(y(sample));
    if (path === '') path = `M${short(x(sample.atSeconds))} ${at}`;
    else if (at !== before) path += `H${short(x(sample.atSeconds))}V${at}`;
    before = at;
  }
  return `${path}H${short(PLOT.right)}`;
}

/** Shortens a number so that it fits the margin. */
const shortCount = (count: number): string =>
  count < 10_000 ? formatCount(count) : `${Math.round(count / 1000)}k`;
