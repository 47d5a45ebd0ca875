import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { decodeFleetSnapshot, FLEET_SNAPSHOT_KEY, WORKER_TAGS } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { replayTick } from '@labelfleet/scaling';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';
import { createTestFleet } from './testing/test-fleet.ts';

const IMAGE = 'ami-stand-in';
const WORKER = fileURLToPath(new URL('./testing/fake-worker.ts', import.meta.url));
const log = createLogger({ app: 'scaler', level: 'silent' });

let cloud: TestCloud;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scaler-'));
  cloud = await startTestCloud({ images: { [IMAGE]: { command: [process.execPath, WORKER] } } });
  const options = { name: 'fleet', imageId: IMAGE, instanceType: 'c7g.large' };
  environment = (await createTestFleet(cloud, options)).variables;
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await cloud[Symbol.asyncDispose]();
});

describe('the scaler on local-cloud', { timeout: 60_000 }, () => {
  it('scales the fleet from zero to the maximum and back, never above it, and every image is processed', async () => {
    const config = parseConfig({
      ...environment,
      SCALING_POLICY: 'per-message',
      MAX_WORKERS: '3',
      TICK_LOG: join(folder, 'ticks.jsonl'),
      TICK_SECONDS: '0.1',
      IDLE_BEFORE_RELEASE_SECONDS: '0.3',
    });
    const requests = cloud.sqs.queue(config.requestQueueUrl);
    const list = () => cloud.ec2.fleet.list(WORKER_TAGS.fleet, config.fleetName);
    const scaler = await compose(config, log, cloud.connection);
    await Promise.all(Array.from({ length: 12 }, (_, n) => requests.send({ body: `image ${n}` })));

    let most = 0;
    await vi.waitFor(
      async () => {
        const instances = await list();
        const alive = instances.filter(({ state }) => state !== 'terminated').length;
        most = Math.max(most, alive);
        expect(await requests.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
        expect(instances.length).toBeGreaterThan(0);
        expect(alive).toBe(0);
      },
      { timeout: 25_000, interval: 50 },
    );
    expect(most).toBe(3);
    expect(await list()).toHaveLength(3);

    await vi.waitFor(async () => {
      const object = await cloud.s3.store(config.stateBucket).get(FLEET_SNAPSHOT_KEY);
      expect(decodeFleetSnapshot(new TextDecoder().decode(object?.body))).toMatchObject({
        kind: 'decoded',
        value: {
          workers: { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 },
          queue: { backlog: 0, inFlight: 0 },
          learned: { bootSecondsP50: expect.any(Number) as number },
        },
      });
    });
    expect((await fetch(`${scaler.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${scaler.url}/metrics`)).text()).toContain(
      'labelfleet_fleet_steps_total{step="launched"} 3',
    );
    await scaler.stop('the test is over');

    const ticks = (await readFile(join(folder, 'ticks.jsonl'), 'utf8')).trim().split('\n');
    expect(ticks.length).toBeGreaterThan(10);
    expect(
      ticks.map(replayTick).filter((tick) => tick.kind !== 'decoded' || !tick.value.same),
    ).toEqual([]);
  });

  it('launches one worker for one image by default, and releases it when it is not needed', async () => {
    const config = parseConfig({
      ...environment,
      FLEET_NAME: 'by-default',
      TICK_SECONDS: '0.1',
      IDLE_BEFORE_RELEASE_SECONDS: '0.3',
    });
    const list = () => cloud.ec2.fleet.list(WORKER_TAGS.fleet, config.fleetName);
    const scaler = await compose(config, log, cloud.connection);
    await cloud.sqs.queue(config.requestQueueUrl).send({ body: 'an image' });
    await vi.waitFor(
      async () => expect((await list()).map(({ state }) => state)).toEqual(['terminated']),
      { timeout: 25_000, interval: 50 },
    );
    await scaler.stop('the test is over');
  });

  it('does not start with a missing launch template, and says so', async () => {
    const config = parseConfig({ ...environment, WORKER_LAUNCH_TEMPLATE: 'nowhere' });
    await expect(compose(config, log, cloud.connection)).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('WORKER_LAUNCH_TEMPLATE=nowhere') as string,
    });
  });

  it('does not start on a port that is in use, and says so', async () => {
    const first = await compose(parseConfig(environment), log, cloud.connection);
    const taken = parseConfig({ ...environment, PORT: new URL(first.url).port });
    await expect(compose(taken, log, cloud.connection)).rejects.toMatchObject({
      exitCode: 69,
    });
    await first.stop('the test is over');
  });
});
