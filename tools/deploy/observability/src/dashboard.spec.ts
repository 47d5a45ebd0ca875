import { hasPromtool, NEEDS_PROMTOOL, promtool } from '@labelfleet/telemetry/testing';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dashboard, dashboardText, ROWS } from './dashboard.ts';
import { gauge, mean, quantile, rate } from './promql.ts';

test('grafana/labelfleet.json is what dashboard.ts makes: npx nx run observability:dashboard', () => {
  const file = join(import.meta.dirname, '../grafana/labelfleet.json');
  expect(readFileSync(file, 'utf8') === dashboardText()).toBe(true);
});

test('the compiler knows metrics and labels', () => {
  // @ts-expect-error There is no such metric.
  gauge('labelfleet_none');
  // @ts-expect-error It is a gauge.
  rate('labelfleet_waiters');
  // @ts-expect-error It has no such label.
  expect(gauge('labelfleet_workers', { route: '/' })).toContain('route');
});

test.each([
  {
    promql: rate('labelfleet_aws_calls_total', { outcome: '!~done|refused', job: 'a' }),
    text: 'rate(labelfleet_aws_calls_total{outcome!~"done|refused",job="a"}[$__rate_interval])',
  },
  {
    promql: quantile(0.9, 'labelfleet_step_seconds', ['step']),
    text: 'histogram_quantile(0.9, sum by (step, le) (rate(labelfleet_step_seconds_bucket[$__rate_interval])))',
  },
  {
    promql: mean('labelfleet_tick_seconds'),
    text: 'sum(rate(labelfleet_tick_seconds_sum[$__rate_interval])) / sum(rate(labelfleet_tick_seconds_count[$__rate_interval]))',
  },
])('$text', ({ promql, text }) => {
  expect(promql).toBe(text);
});

const queries = ROWS.flatMap(({ panels }) =>
  panels.flatMap(({ queries }) => Object.values(queries)),
);

test.skipIf(!hasPromtool)(`Prometheus can parse every query${NEEDS_PROMTOOL}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  const rules = queries.map((expr, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll('$__rate_interval', '1m'),
  }));
  const file = join(folder, 'rules.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  const checked = promtool(['check', 'rules', file]);
  rmSync(folder, { recursive: true });
  expect(checked).toMatchObject({ code: 0 });
});

test('no two panels overlap', () => {
  const cells = dashboard().panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
