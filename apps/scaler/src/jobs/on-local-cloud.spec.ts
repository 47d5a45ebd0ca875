import { startTestCloud } from '@labelfleet/aws/testing';
import { encodeJobsChangedEvent, WORKER_TAGS } from '@labelfleet/contracts';
import { JobStore } from '@labelfleet/jobs';
import { createLogger } from '@labelfleet/runtime';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { compose } from '../compose.ts';
import { parseConfig } from '../config.ts';
import { aJobPage, aStoredJob } from '../testing/builders.ts';
import { done } from '../testing/job-cloud.ts';
import { createTestFleet } from '../testing/test-fleet.ts';

const IMAGE = 'ami-stand-in';
const WORKER = fileURLToPath(new URL('../testing/fake-worker.ts', import.meta.url));
const log = createLogger({ app: 'scaler', level: 'silent' });

it('on local-cloud, a worker is launched as soon as a gateway says that there is a job, and ended with it', async () => {
  await using cloud = await startTestCloud({
    images: { [IMAGE]: { command: [process.execPath, WORKER] } },
  });
  const fleet = await createTestFleet(cloud, {
    ...{ name: 'jobs', imageId: IMAGE, instanceType: 'c7g.large' },
  });
  const config = parseConfig({
    ...fleet.variables,
    BATCH_QUEUE_URL: await cloud.createQueue('batch'),
    BATCH_DEAD_LETTER_QUEUE_URL: await cloud.createQueue('batch-dead-letters'),
    METRICS_PORT: '0',
    TICK_SECONDS: '0.1',
    IDLE_BEFORE_RELEASE_SECONDS: '0',
  });
  const states = async () =>
    (await cloud.ec2.fleet.list(WORKER_TAGS.fleet, config.fleetName)).map(({ state }) => state);
  const tell = () => {
    const body = encodeJobsChangedEvent({
      ...{ v: 1, type: 'jobs-changed', at: new Date().toISOString() },
    });
    return fleet.events.send({ body });
  };
  const scaler = await compose(config, log, cloud.connection);
  const metrics = async () => (await fetch(`${scaler.url}/metrics`)).text();
  // It has looked, and the next look of an idle scaler is in a minute.
  await vi.waitFor(async () => expect(await metrics()).toContain('labelfleet_jobs_active 0'), {
    timeout: 10_000,
  });

  const jobs = new JobStore(fleet.state);
  const { id } = await jobs.create(aStoredJob());
  await jobs.storePage(id, aJobPage(0, { next: null }));
  await tell();
  await vi.waitFor(async () => expect(await states()).toEqual(['running']), { timeout: 20_000 });
  expect(await metrics()).toContain('labelfleet_job_images_remaining 1000');

  await jobs.markPage(id, 0, done(1000));
  await jobs.endActive(id);
  await tell();
  await vi.waitFor(async () => expect(await states()).toEqual(['terminated']), {
    timeout: 20_000,
  });
  await scaler.stop('the test is over');
}, 60_000);
