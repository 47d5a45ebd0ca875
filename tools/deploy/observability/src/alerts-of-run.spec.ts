import { hasPromtool, NEEDS_PROMTOOL } from '@labelfleet/telemetry/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  alertsOfRun,
  samplesOfAlerts,
  SCRAPE_INTERVAL_SECONDS,
  type Scrape,
} from './alerts-of-run.ts';

const gateway: Scrape = { job: 'labelfleet-gateway', instance: 'g', text: '' };
const scaler = (instance: string, leads: 0 | 1 | null): Scrape => ({
  job: 'labelfleet-scaler',
  instance,
  text: leads === null ? null : `labelfleet_scaler_role{role="leader"} ${leads}\n`,
});
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe.skipIf(!hasPromtool)(`evaluated by promtool${NEEDS_PROMTOOL}`, () => {
  test('says after which rounds an alert fired', async () => {
    const up = times(3, () => [gateway, scaler('s', 1)]);
    const down = times(6, () => [{ ...gateway, text: null }, scaler('s', 1)]);
    // The rule waits for a minute, so it fires with the fifth failed scrape.
    expect(await alertsOfRun([...up, ...down, ...up])).toEqual([
      { alert: 'LabelfleetGatewayDown', rounds: [7, 8] },
    ]);
  });

  test('ends the series of a process that does not answer or is gone', async () => {
    const first = times(2, () => [gateway, scaler('s1', 1), scaler('s2', 0)]);
    const silent = times(8, () => [gateway, scaler('s1', null), scaler('s2', 1)]);
    const gone = times(8, () => [gateway, scaler('s2', 1)]);
    expect(await alertsOfRun([...first, ...silent])).toEqual([]);
    expect(await alertsOfRun([...first, ...gone])).toEqual([]);
  });

  test('ends the series that an answer no longer has', async () => {
    const one = times(2, () => [gateway, scaler('s', 1)]);
    const other = times(9, () => [gateway, { ...scaler('s', 1), text: '' }]);
    // Absent for two minutes, from the third round on.
    expect(await alertsOfRun([...one, ...other])).toEqual([
      { alert: 'LabelfleetNoLeader', rounds: [10] },
    ]);
  });

  test('fails with rules that promtool cannot read', async () => {
    const rules = join(import.meta.dirname, 'alerts-of-run.ts');
    await expect(alertsOfRun([[gateway]], rules)).rejects.toThrow('promtool failed');
  });
});

test('keeps the samples that an alert uses', () => {
  const kept = 'labelfleet_upload_bytes_in_flight 5';
  const text = `# HELP labelfleet_upload_bytes_in_flight bytes\n${kept}\nlabelfleet_waiters 4\nup 1\n`;
  expect(samplesOfAlerts(text)).toBe(kept);
});

test('takes the rounds as far apart as prometheus.yml scrapes and evaluates', () => {
  const config = readFileSync(join(import.meta.dirname, '../prometheus/prometheus.yml'), 'utf8');
  expect(config).toContain(`scrape_interval: ${SCRAPE_INTERVAL_SECONDS}s\n`);
  expect(config).toContain(`evaluation_interval: ${SCRAPE_INTERVAL_SECONDS}s\n`);
});
