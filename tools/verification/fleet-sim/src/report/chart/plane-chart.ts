import { formatSeconds, formatUsd } from '../formats.ts';
import type { PolicySummary, WorkloadSummary } from '../summarise.ts';
import { placeLabels } from './place-labels.ts';
import { logarithmic, roundNumbers, type Range, type Scale } from './scale.ts';
import { element, line, chart, short, text, type Svg } from './svg.ts';

const WIDTH = 820;
const HEIGHT = 440;
const FRAME = { x: 64, y: 56, width: WIDTH - 64 - 20, height: HEIGHT - 56 - 48 };

/** The Pareto front in cost and wait, from the cheapest to the fastest. */
export function paretoFront(policies: readonly PolicySummary[]): PolicySummary[] {
  const front: PolicySummary[] = [];
  for (const policy of policies.toSorted((a, b) => a.usd - b.usd || a.waits.p95 - b.waits.p95)) {
    if (policy.waits.p95 < (front.at(-1)?.waits.p95 ?? Infinity)) front.push(policy);
  }
  return front;
}

/** A chart of all policies by cost and wait; lower left is better. */
export function planeChart(summary: WorkloadSummary, ours: string): Svg {
  const { workload, policies, boundUsd } = summary;
  const target = workload.world.targetWaitSeconds;
  const costs = widened([
    ...policies.map(({ usd }) => usd),
    ...(boundUsd === undefined ? [] : [boundUsd]),
  ]);
  const waits = widened([...policies.map(({ waits }) => waits.p95), target]);
  const right = FRAME.x + FRAME.width;
  const bottom = FRAME.y + FRAME.height;
  const x = logarithmic(costs, { from: FRAME.x, to: right });
  const y = logarithmic(waits, { from: bottom, to: FRAME.y });
  return chart(
    WIDTH,
    HEIGHT,
    `${workload.name}: cost and 95th percentile of the wait of each policy`,
    text(16, 24, `${workload.name}: cost and wait`, { class: 'title' }),
    text(
      16,
      40,
      'below and to the left is better; the band joins those that none is better than in both',
      {
        class: 'soft',
      },
    ),
    ...costAxis(costs, x),
    ...waitAxis(waits, y),
    line([FRAME.x, y(target)], [right, y(target)], 'target'),
    ...(boundUsd === undefined
      ? []
      : [line([x(boundUsd), FRAME.y], [x(boundUsd), bottom], 'bound')]),
    frontLine(policies, x, y),
    ...marks(summary, ours, x, y),
  );
}

function marks(
  { policies, boundUsd, workload }: WorkloadSummary,
  ours: string,
  x: Scale,
  y: Scale,
) {
  const target = y(workload.world.targetWaitSeconds);
  const targetText = `target ${formatSeconds(workload.world.targetWaitSeconds)}`;
  const targetBox = {
    x: FRAME.x + FRAME.width - 6.3 * targetText.length,
    y: target - 15,
    width: 6.3 * targetText.length,
    height: 15,
  };
  const boundBox = {
    x: (boundUsd === undefined ? -100 : x(boundUsd)) + 4,
    y: FRAME.y,
    width: 34,
    height: 14,
  };
  // Our label is placed first and so gets the best position.
  const ordered = policies.toSorted(
    (a, b) => Number(b.policy === ours) - Number(a.policy === ours),
  );
  const points = ordered.map((each) => ({
    x: x(each.usd),
    y: y(each.waits.p95),
    text: each.policy,
  }));
  const labels = placeLabels(points, FRAME, [targetBox, boundBox]);
  const own = (index: number) => ordered[index]?.policy === ours;
  return [
    ...labels.flatMap(({ apart, box }, index) => {
      const point = points[index];
      if (!apart || point === undefined) return [];
      const nearest = Math.min(Math.max(point.x, box.x), box.x + box.width);
      return line([point.x, point.y], [nearest, box.y + box.height / 2], 'leader');
    }),
    ...points.map((point, index) =>
      element('circle', {
        cx: point.x,
        cy: point.y,
        r: own(index) ? 5 : 4,
        class: own(index) ? 'point own' : 'point',
      }),
    ),
    ...labels.map((label, index) =>
      text(label.x, label.y, points[index]?.text ?? '', {
        class: own(index) ? 'halo name ours' : 'halo',
      }),
    ),
    text(targetBox.x, target - 4, targetText, { class: 'halo soft' }),
    ...(boundUsd === undefined
      ? []
      : [text(boundBox.x, FRAME.y + 10, 'bound', { class: 'halo soft' })]),
  ];
}

function frontLine(policies: readonly PolicySummary[], x: Scale, y: Scale): Svg {
  const points = paretoFront(policies).map(
    ({ usd, waits }) => `${short(x(usd))},${short(y(waits.p95))}`,
  );
  return element('polyline', { points: points.join(' '), class: 'front' });
}

function costAxis(costs: Range, x: Scale): Svg[] {
  const bottom = FRAME.y + FRAME.height;
  return [
    line([FRAME.x, bottom], [FRAME.x + FRAME.width, bottom], 'axis'),
    ...roundNumbers(costs).flatMap((usd) => [
      line([x(usd), FRAME.y], [x(usd), bottom], 'rule'),
      text(
        x(usd),
        bottom + 14,
        formatUsd(usd)
          .replace(/(\.\d*?)0+$/, '$1')
          .replace(/\.$/, ''),
        {
          class: 'soft',
          'text-anchor': 'middle',
        },
      ),
    ]),
    text(FRAME.x + FRAME.width / 2, HEIGHT - 12, 'cost of the instances in USD', {
      class: 'soft',
      'text-anchor': 'middle',
    }),
  ];
}

function waitAxis(waits: Range, y: Scale): Svg[] {
  return [
    line([FRAME.x, FRAME.y], [FRAME.x, FRAME.y + FRAME.height], 'axis'),
    ...roundNumbers(waits).flatMap((seconds) => [
      line([FRAME.x, y(seconds)], [FRAME.x + FRAME.width, y(seconds)], 'rule'),
      text(FRAME.x - 6, y(seconds) + 4, `${seconds} s`, { class: 'soft', 'text-anchor': 'end' }),
    ]),
    text(0, 0, '95th percentile of the wait', {
      class: 'soft',
      'text-anchor': 'middle',
      transform: `translate(14 ${FRAME.y + FRAME.height / 2}) rotate(-90)`,
    }),
  ];
}

/** A range that contains all values with a margin at both ends. */
function widened(values: readonly number[]): Range {
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive, 1e9);
  const most = Math.max(...positive, 1e-9);
  const room = Math.max(1.25, (most / least) ** 0.08);
  return { from: least / room, to: most * room };
}
