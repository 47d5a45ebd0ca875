import { ANY, METRICS, type MetricDefinition } from '@labelfleet/telemetry';
import { hasPromtool, NEEDS_PROMTOOL, promtool } from '@labelfleet/telemetry/testing';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CASES, HEALTHY, type AlertCase } from './alert-cases.ts';

const KIT = join(import.meta.dirname, '..');
const RULES = join(KIT, 'prometheus/alerts.yml');
const rules = readFileSync(RULES, 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Evaluates the rules over the series of a case, and compares all alerts that fire after an hour. */
function evaluate({ series, fires }: AlertCase) {
  const values = Object.entries({ ...HEALTHY, ...series });
  const input = values.flatMap(([name, values]) =>
    values === undefined ? [] : [{ series: name, values }],
  );
  const expr = 'count by (alertname) (ALERTS{alertstate="firing"})';
  const exp_samples = fires.map((alertname) => ({
    labels: `{alertname="${alertname}"}`,
    value: 1,
  }));
  const tests = [
    {
      interval: '15s',
      input_series: input,
      promql_expr_test: [{ expr, eval_time: '60m', exp_samples }],
    },
  ];
  const file = join(folder, 'test.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '15s', tests }));
  return promtool(['test', 'rules', file]);
}

test.skipIf(!hasPromtool).each([...CASES])(
  `when $what, $fires fire and no others${NEEDS_PROMTOOL}`,
  (each) => {
    expect(evaluate(each)).toMatchObject({ code: 0 });
  },
);

test('each alert has a case in which it fires', () => {
  expect(new Set(CASES.flatMap(({ fires }) => fires))).toEqual(new Set(alerts));
});

test.skipIf(!hasPromtool)(
  `Prometheus accepts the rules and the configuration${NEEDS_PROMTOOL}`,
  () => {
    expect(promtool(['check', 'rules', RULES])).toMatchObject({ code: 0 });
    const config = join(KIT, 'prometheus/prometheus.yml');
    expect(promtool(['check', 'config', config])).toMatchObject({ code: 0 });
  },
);

/** The metrics in some PromQL, with the labels and values that it selects. */
const selections = (promql: string) =>
  [...promql.matchAll(/\b(labelfleet_\w+)(?:\{([^}]*)\})?/g)].flatMap(
    ([, series = '', where = '']) =>
      [...where.matchAll(/(\w+)(?:=~|!=|=)"([^"]*)"/g)].map(([, label = '', value = '']) => ({
        series,
        label,
        value,
      })),
  );

const definitionOf = (series: string): MetricDefinition | undefined => {
  const all: Record<string, MetricDefinition> = METRICS;
  return all[series] ?? all[series.replace(/_(bucket|count|sum)$/, '')];
};

test('the alerts and their cases use metrics that the apps have', () => {
  const used = [
    rules,
    ...Object.keys(HEALTHY),
    ...CASES.flatMap(({ series }) => Object.keys(series)),
  ];
  const names = used.flatMap((text) =>
    [...text.matchAll(/\blabelfleet_\w+/g)].map(([name]) => name),
  );
  expect(names.filter((name) => definitionOf(name) === undefined)).toEqual([]);
});

test.each(selections(rules))('an alert selects $series by $label, which can be $value', (each) => {
  const known = definitionOf(each.series)?.labels?.[each.label];
  expect(known).toBeDefined();
  if (known === undefined || known === ANY) return;
  for (const value of each.value.split('|')) expect(known).toContain(value);
});

test('each alert has a section in docs/runbooks.md, which its annotation names', () => {
  const page = readFileSync(join(KIT, '../../../docs/runbooks.md'), 'utf8');
  const sections = [...page.matchAll(/^## (Labelfleet\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(alerts);
  const runbooks = [...rules.matchAll(/runbook: docs\/runbooks\.md#(\w+)/g)].map(([, at]) => at);
  expect(runbooks).toEqual(alerts.map((name) => name.toLowerCase()));
});
