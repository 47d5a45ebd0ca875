import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarise, type PolicySummary } from '../summarise.ts';
import { aReport, aRun } from '../testing/a-report.ts';
import { fleetChart } from './fleet-chart.ts';
import { overlap, placeLabels } from './place-labels.ts';
import { paretoFront, planeChart } from './plane-chart.ts';
import { linear, logarithmic, logarithmicFromZero, roundNumbers, roundUp } from './scale.ts';
import { element, text } from './svg.ts';
import { thinOut } from './thin-out.ts';

describe('scales', () => {
  it('map a value to a position', () => {
    expect(linear({ from: 0, to: 10 }, { from: 100, to: 0 })(2.5)).toBe(75);
    expect(logarithmic({ from: 1, to: 100 }, { from: 0, to: 10 })(10)).toBeCloseTo(5, 9);
    const fromZero = logarithmicFromZero(99, { from: 0, to: 10 });
    expect([fromZero(0), fromZero(9), fromZero(99)].map(Math.round)).toEqual([0, 5, 10]);
  });

  it.each([
    { from: 0.3, to: 12, most: 8, numbers: [0.5, 1, 2, 5, 10] },
    { from: 0.09, to: 400, most: 8, numbers: [0.1, 0.3, 1, 3, 10, 30, 100, 300] },
    { from: 0.001, to: 5000, most: 8, numbers: [0.001, 0.01, 0.1, 1, 10, 100, 1000] },
  ])('have ticks at round numbers from $from to $to', ({ from, to, most, numbers }) => {
    expect(roundNumbers({ from, to }, most)).toEqual(numbers);
  });

  it.each([
    [0, 1],
    [3, 4],
    [20, 20],
    [21, 40],
    [999, 1000],
  ])('end at a round number: %d at %d', (value, end) => {
    expect(roundUp(value)).toBe(end);
  });
});

describe('labels', () => {
  const frame = { x: 0, y: 0, width: 700, height: 400 };

  it('cover no point and no other label, and stay inside the frame', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            x: fc.integer({ min: 20, max: 680 }),
            y: fc.integer({ min: 20, max: 380 }),
            text: fc.constantFrom('keda', 'fixed-20', 'naive-per-message', 'backlog-per-worker'),
          }),
          { maxLength: 14 },
        ),
        (points) => {
          const boxes = placeLabels(points, frame).map(({ box }) => box);
          for (const [index, box] of boxes.entries()) {
            expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
            expect(box.x).toBeGreaterThanOrEqual(0);
            expect(box.x + box.width).toBeLessThanOrEqual(700);
          }
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });

  it('of points at the same position are placed around it', () => {
    const points = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ x: 300, y: 200, text: name }));
    const boxes = placeLabels(points, frame).map(({ box }) => `${box.x} ${box.y}`);
    expect(new Set(boxes).size).toBe(5);
  });
});

describe('the front', () => {
  it('has the policies that none beats in both, from the cheapest to the fastest', () => {
    const at = (policy: string, usd: number, p95: number) =>
      ({ policy, usd, waits: { p95 } }) as PolicySummary;
    const policies = [
      at('c', 3, 1),
      at('a', 1, 9),
      at('worse', 2, 9),
      at('b', 2, 4),
      at('d', 4, 1),
    ];
    expect(paretoFront(policies).map(({ policy }) => policy)).toEqual(['a', 'b', 'c']);
  });
});

describe('charts', () => {
  const [day] = summarise(
    aReport({ results: [aRun('deadline', 1200, 2), aRun('a<b>', 2400, 20)] }),
  );
  if (day === undefined) throw new Error('no summary');

  it.each([
    ['plane', planeChart(day, 'deadline')],
    ['fleet', fleetChart(day, 'deadline')],
  ])('the %s names every policy in readable text and contains no NaN', (_, svg) => {
    expect(svg).toContain('>deadline</text>');
    expect(svg).toContain('>a&lt;b&gt;</text>');
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('keep the highest values when they are thinned out', () => {
    const series = [1, 5, 2, 0, 3, 0].map((backlog, index) => ({
      atSeconds: index * 10,
      fleet: index,
      booting: 0,
      backlog,
    }));
    expect(
      thinOut(series, 60, 2).map(({ atSeconds, backlog, fleet }) => [atSeconds, backlog, fleet]),
    ).toEqual([
      [0, 5, 2],
      [30, 3, 5],
    ]);
  });

  it('escape their texts', () => {
    expect(text(1.234, 2, '<&">')).toBe('<text x="1.2" y="2">&lt;&amp;&quot;&gt;</text>');
    expect(element('g', {})).toBe('<g/>');
  });
});
