import { hasPromtool, NEEDS_PROMTOOL } from '@labelfleet/telemetry/testing';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { eventSchema, type HistoryEvent } from '../history/event.ts';
import { checkAlerts } from './check-alerts.ts';

/** The scrapes of 91 s with images and without faults, and of the outages after them. */
const RECORDED = join(import.meta.dirname, 'recorded/run-without-faults.jsonl.gz');
const recorded: readonly HistoryEvent[] = gunzipSync(readFileSync(RECORDED))
  .toString()
  .split('\n')
  .map((line) => eventSchema.parse(JSON.parse(line)));
const outagesAt = Math.min(...recorded.filter(({ kind }) => kind === 'outage').map(({ at }) => at));

const rules = readFileSync(
  fileURLToPath(import.meta.resolve('@labelfleet/observability/alerts.yml')),
  'utf8',
);
const folder = mkdtempSync(join(tmpdir(), 'check-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rules with a changed alert when no scaler leads. */
function changedRules(from: string, to: string): string {
  const at = rules.indexOf('- alert: LabelfleetNoLeader');
  const file = join(folder, 'rules.yml');
  writeFileSync(file, rules.slice(0, at) + rules.slice(at).replace(from, to));
  return file;
}

describe.skipIf(!hasPromtool)(`evaluated by promtool${NEEDS_PROMTOOL}`, () => {
  test('a run without faults raises no alert', async () => {
    const before = recorded.filter(({ at }) => at < outagesAt);
    expect(before.length).toBeGreaterThan(15);
    expect(await checkAlerts(before)).toMatchObject({ kind: 'checked', alerts: [] });
  });

  test('the outages raise their alerts and no others', async () => {
    expect(await checkAlerts(recorded)).toMatchObject({
      alerts: [
        { alert: 'LabelfleetAccessDenied', verdict: 'expected' },
        { alert: 'LabelfleetAwsCallsFail', verdict: 'expected' },
        { alert: 'LabelfleetGatewayDown', verdict: 'expected' },
        { alert: 'LabelfleetNoLeader', verdict: 'expected' },
        { alert: 'LabelfleetRequestsFail', verdict: 'expected' },
      ],
    });
  });

  test.each([
    ['never fires', 'for: 2m', 'for: 20h', 'not-fired'],
    ['fires too soon', 'for: 2m', 'for: 15s', 'false-alarm'],
    ['fires always', 'sum(labelfleet_scaler_role{role="leader"}) < 1', 'vector(1)', 'false-alarm'],
    [
      'uses a metric that no app has',
      'absent(labelfleet_scaler_role',
      'absent(labelfleet_role',
      'false-alarm',
    ],
  ])('a rule that %s is found', async (_what, from, to, verdict) => {
    const checked = await checkAlerts(recorded, { rules: changedRules(from, to) });
    const alerts = checked.kind === 'checked' ? checked.alerts : [];
    expect(alerts.filter((each) => each.verdict !== 'expected')).toMatchObject([
      { alert: 'LabelfleetNoLeader', verdict },
    ]);
  });
});

test('without promtool nothing is checked', async () => {
  expect(await checkAlerts(recorded, { installed: false })).toEqual({
    kind: 'skipped',
    why: 'promtool is missing; it is in the Debian package prometheus',
  });
});

test('a history without scrapes is not checked', async () => {
  expect(await checkAlerts([])).toEqual({ kind: 'skipped', why: 'the history has no scrapes' });
});
