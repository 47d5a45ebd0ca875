import { promtool } from '@labelfleet/telemetry/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RULES = join(import.meta.dirname, '../prometheus/alerts.yml');

/** What one process served at /metrics; undefined: it did not answer. */
export interface Scrape {
  job: 'labelfleet-gateway' | 'labelfleet-scaler' | 'labelfleet-worker';
  instance: string;
  text: string | undefined;
}

/**
 * The alerts that would have fired during a run, by promtool.
 * @param rounds scrapes of all processes, one round after the other
 * @param interval the time between two rounds, such as `15s`
 */
export async function alertsOfRun(
  rounds: readonly (readonly Scrape[])[],
  interval: string,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-of-run-'));
  const file = join(folder, 'run.yml');
  const seconds = Number.parseInt(interval, 10) * rounds.length;
  const test = {
    interval,
    input_series: inputSeries(rounds),
    promql_expr_test: [
      {
        expr: `count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[${seconds}s]))`,
        eval_time: `${seconds}s`,
        exp_samples: [],
      },
    ],
  };
  try {
    const run = { rule_files: [RULES], evaluation_interval: interval, tests: [test] };
    await writeFile(file, JSON.stringify(run));
    const { code, output } = promtool(['test', 'rules', file]);
    // No alert is expected, so those that fired are what promtool reports.
    const fired = [...output.matchAll(/alertname="(\w+)"/g)].map(([, name = '']) => name);
    if (code !== 0 && fired.length === 0) throw new Error(`promtool failed: ${output}`);
    return [...new Set(fired)].toSorted();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Every series with its value in each round, in promtool's notation. */
function inputSeries(rounds: readonly (readonly Scrape[])[]): { series: string; values: string }[] {
  const byName = new Map<string, string[]>();
  const put = (series: string, round: number, value: string) => {
    const values = byName.get(series) ?? Array.from(rounds, () => '_');
    values[round] = value;
    byName.set(series, values);
  };
  for (const [round, scrapes] of rounds.entries())
    for (const { job, instance, text } of scrapes) {
      const own = `job="${job}",instance="${instance}"`;
      put(`up{${own}}`, round, text === undefined ? '0' : '1');
      for (const [, name, labels = '', value = ''] of (text ?? '').matchAll(SAMPLE))
        put(`${name}{${labels === '' ? '' : `${labels},`}${own}}`, round, value);
    }
  return [...byName].map(([series, values]) => ({ series, values: values.join(' ') }));
}

/** Only labelfleet's own, and without NaN, which promtool cannot read. */
const SAMPLE = /^(labelfleet_\w+)(?:\{(.*)\})? (-?[\d.e+-]+)$/gm;
