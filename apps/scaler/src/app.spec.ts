import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { Metrics } from './metrics.ts';

function appWith(sinceTickMs: number, leaseFailure?: string) {
  const metrics = new Metrics();
  metrics.acted({
    launched: 3,
    resumed: 0,
    drained: 0,
    terminated: 0,
    silenced: 0,
    failures: [{ call: 'tag', kind: 'throttled', detail: 'i-1' }],
  });
  metrics.role('standby');
  metrics.observed(
    { visible: 4, inFlight: 2, delayed: 0 },
    { workers: [{ id: 'i-1', launchedAtMs: 0, state: 'busy' }], openLaunches: 2 },
    6,
  );
  return createApp({
    metrics: metrics.registry,
    role: () => 'standby',
    sinceTickMs: () => sinceTickMs,
    leaseFailure: () => leaseFailure,
    stuckAfterMs: 60_000,
  });
}

describe('the metrics port', () => {
  it('shows what was observed and done', async () => {
    const response = await appWith(0).request('/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    for (const line of [
      'labelfleet_queue_images{state="visible"} 4',
      'labelfleet_workers{state="busy"} 1',
      'labelfleet_workers{state="booting"} 2',
      'labelfleet_workers_desired 6',
      'labelfleet_scaler_role{role="leader"} 0',
      'labelfleet_scaler_role{role="standby"} 1',
      'labelfleet_fleet_steps_total{step="launched"} 3',
      'labelfleet_troubles_total{call="tag",kind="throttled"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('shows the counters of the alerts before they count anything', async () => {
    const text = await (await appWith(0).request('/metrics')).text();
    expect(text).toContain('labelfleet_troubles_total{call="launch",kind="no-capacity"} 0');
    expect(text).toContain('labelfleet_boots_failed_total{cause="never-reported"} 0');
  });

  it.each([
    [59_999, 200, 'ok'],
    [60_000, 503, 'stuck'],
  ])('%i ms after the last tick it answers %i %s', async (sinceTickMs, status, word) => {
    const response = await appWith(sinceTickMs).request('/healthz');
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status: word, role: 'standby' });
  });

  it('answers 503 and says why while the lease cannot be read', async () => {
    const response = await appWith(0, 'the lease cannot be read: GetObject: AccessDenied').request(
      '/healthz',
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'no-lease',
      detail: 'the lease cannot be read: GetObject: AccessDenied',
    });
  });
});
