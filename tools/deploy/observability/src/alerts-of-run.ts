import { promtool } from '@labelfleet/telemetry/testing';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RULES = join(import.meta.dirname, '../prometheus/alerts.yml');

/** The time between two scrapes in `prometheus.yml`, in seconds. */
export const SCRAPE_INTERVAL_SECONDS = 15;

/** What one process served at /metrics; null: it did not answer. */
export interface Scrape {
  job: 'labelfleet-gateway' | 'labelfleet-scaler' | 'labelfleet-worker';
  instance: string;
  text: string | null;
}

/** An alert, and the rounds after which it was firing, from 0. */
export interface Fired {
  alert: string;
  rounds: number[];
}

/**
 * The alerts that would have fired during a run, by promtool.
 * @param rounds scrapes of all processes, one round after the other; Prometheus takes them as 15 s apart
 * @param rules the file of the rules
 */
export async function alertsOfRun(
  rounds: readonly (readonly Scrape[])[],
  rules = RULES,
): Promise<Fired[]> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-of-run-'));
  const file = join(folder, 'run.yml');
  const interval = `${SCRAPE_INTERVAL_SECONDS}s`;
  const test = {
    interval,
    input_series: inputSeries(rounds, usedIn(rules)),
    promql_expr_test: rounds.map((_, round) => ({
      expr: `count by (alertname) (ALERTS{alertstate="firing"}) + ${round}`,
      eval_time: `${SCRAPE_INTERVAL_SECONDS * round}s`,
      exp_samples: [],
    })),
  };
  try {
    const run = { rule_files: [rules], evaluation_interval: interval, tests: [test] };
    await writeFile(file, JSON.stringify(run));
    const { code, output } = promtool(['test', 'rules', file]);
    const fired = firedIn(output);
    if (code !== 0 && fired.length === 0) throw new Error(`promtool failed: ${output}`);
    return fired;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The samples of a scrape that the alerts use, in the text format of Prometheus. */
export const samplesOfAlerts = (text: string): string =>
  samplesIn(text, usedIn(RULES))
    .map(([sample]) => sample)
    .join('\n');

/** No alert is expected, so those that fired are what promtool reports. */
function firedIn(output: string): Fired[] {
  const rounds = new Map<string, number[]>();
  for (const [, round, got = ''] of output.matchAll(/ \+ (\d+)", time: .*\n.*\n *got: (.*)/g))
    for (const [, alert = ''] of got.matchAll(/alertname="(\w+)"/g))
      rounds.set(alert, [...(rounds.get(alert) ?? []), Number(round)]);
  return [...rounds]
    .map(([alert, rounds]) => ({ alert, rounds }))
    .toSorted((a, b) => a.alert.localeCompare(b.alert));
}

/**
 * Every series with its value in each round, in promtool's notation. As in Prometheus, a series ends when a scrape
 * does not have it: `stale`.
 */
function inputSeries(
  rounds: readonly (readonly Scrape[])[],
  used: ReadonlySet<string>,
): { series: string; values: string }[] {
  const byName = new Map<string, string[]>();
  const put = (series: string, round: number, value: string) => {
    const values = byName.get(series) ?? Array.from(rounds, () => '_');
    values[round] = value;
    byName.set(series, values);
  };
  for (const [round, scrapes] of rounds.entries())
    for (const { job, instance, text } of scrapes) {
      const own = `job="${job}",instance="${instance}"`;
      put(`up{${own}}`, round, text === null ? '0' : '1');
      for (const [, name, labels = '', value = ''] of samplesIn(text ?? '', used))
        put(`${name}{${labels === '' ? '' : `${labels},`}${own}}`, round, value);
    }
  return [...byName].map(([series, values]) => ({ series, values: endStale(values).join(' ') }));
}

const endStale = (values: readonly string[]): string[] =>
  values.map((value, round) =>
    value === '_' && (values[round - 1] ?? '_') !== '_' ? 'stale' : value,
  );

/** Without NaN, which promtool cannot read; no alert is true for it. */
const SAMPLE = /^(labelfleet_\w+)(?:\{(.*)\})? (-?[\d.e+-]+)$/gm;

const samplesIn = (text: string, used: ReadonlySet<string>) =>
  [...text.matchAll(SAMPLE)].filter(([, name = '']) => used.has(name));

/** The metrics in some rules. */
const usedIn = (rules: string): ReadonlySet<string> =>
  new Set(readFileSync(rules, 'utf8').match(/\blabelfleet_\w+/g));
