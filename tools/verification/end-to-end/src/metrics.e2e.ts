import { alertsOfRun, type Scrape } from '@labelfleet/observability/alerts-of-run';
import { METRICS } from '@labelfleet/telemetry';
import { hasPromtool, NEEDS_PROMTOOL, promtool } from '@labelfleet/telemetry/testing';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { workerMetricsUrl } from '@labelfleet/testkit/worker-processes';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectRightLabels, useImages } from './sent-images.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const images = useImages(4);
const IMAGES = 8;

/** What the first worker serves. */
async function readWorker({ dataDir }: StackUnderTest): Promise<string> {
  const cloudDir = join(dataDir, 'cloud');
  const [first = ''] = await readdir(join(cloudDir, 'logs'));
  return read(await workerMetricsUrl(cloudDir, first.replace('.log', '')));
}

const read = async (url: string | undefined) => (await fetch(url ?? '')).text();

test(`every app serves its metrics, and promtool accepts them${NEEDS_PROMTOOL}`, async () => {
  await using stack = await startStack({ MAX_WORKERS: '1', IDLE_BEFORE_RELEASE_SECONDS: '600' });
  await expectRightLabels(stack.url, images, { requests: IMAGES, concurrency: 4 });
  const worker = () => readWorker(stack);
  await expect.poll(worker).toContain(`labelfleet_deliveries_total{outcome="completed"} ${IMAGES}`);

  const served = {
    gateway: await read(stack.variables['GATEWAY_METRICS_URL']),
    scaler: await read(`${stack.variables['SCALER_URL']}metrics`),
    worker: await worker(),
  };
  expect(served.gateway).toContain(`labelfleet_uploads_total{outcome="accepted"} ${IMAGES}`);
  expect(served.worker).toContain(`labelfleet_step_seconds_count{step="classify"} ${IMAGES}`);
  expect(served.scaler).toContain('labelfleet_scaler_role{role="leader"} 1');
  const names = Object.values(served).join('\n');
  expect(Object.keys(METRICS).filter((name) => !names.includes(`# TYPE ${name} `))).toEqual([]);
  for (const text of Object.values(served)) {
    expect(text).toContain('labelfleet_aws_calls_cost_usd_total{service="sqs"');
    if (hasPromtool) expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
  }
});

/** The time between two scrapes. Prometheus takes it as 15 s. */
const ROUND_MS = 500;
/** More than five minutes of Prometheus' time. */
const ROUNDS = 28;

async function scrapes({ variables }: StackUnderTest, rounds: number): Promise<Scrape[][]> {
  const done: Scrape[][] = [];
  while (done.length < rounds) {
    const [gateway, scaler] = await Promise.all([
      read(variables['GATEWAY_METRICS_URL']),
      read(`${variables['SCALER_URL']}metrics`),
    ]);
    done.push([
      { job: 'labelfleet-gateway', instance: 'g', text: gateway },
      { job: 'labelfleet-scaler', instance: 's', text: scaler },
    ]);
    await delay(ROUND_MS);
  }
  return done;
}

test.skipIf(!hasPromtool)(
  `while no worker can be launched, the alert of a backlog without workers fires and no other${NEEDS_PROMTOOL}`,
  async () => {
    await using stack = await startStack({ MAX_WORKERS: '1', IDLE_BEFORE_RELEASE_SECONDS: '0' });
    await expectRightLabels(stack.url, images, { requests: IMAGES, concurrency: 4 });
    await expect.poll(() => stack.workers(), { timeout: 20_000 }).toEqual([]);
    const healthy = await scrapes(stack, 4);
    expect(await alertsOfRun(healthy)).toEqual([]);

    await new FaultsClient(stack.endpoint).set({ id: 'full', kind: 'capacity', available: 0 });
    const sent = await fetch(new URL('v1/classifications', stack.url), {
      method: 'POST',
      body: await readFile(images.files[0] ?? ''),
      headers: { prefer: 'respond-async', 'content-type': 'application/octet-stream' },
    });
    expect(sent.status).toBe(202);
    const starved = await scrapes(stack, ROUNDS);
    expect(await alertsOfRun([...healthy, ...starved])).toMatchObject([
      { alert: 'LabelfleetBacklogWithoutWorkers' },
    ]);
  },
);
