import { startTestCloud } from '@labelfleet/aws/testing';
import { startApp } from '@labelfleet/testkit/app-process';
import { until } from '@labelfleet/testkit/until';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'vitest';
import { expectRightLabels, useImages } from './sent-images.ts';

const run = promisify(execFile);
const workspace = join(import.meta.dirname, '../../../..');
const AMI = 'ami-0123456789abcdef0';

const images = useImages(4);

test('runs each bundle from another folder, here with a FIFO request queue', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'bundles-'));
  try {
    await run('npx', ['nx', 'run-many', '-t', 'build', '-p', 'gateway,worker,scaler'], {
      cwd: workspace,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    await cp(join(workspace, 'dist/apps'), elsewhere, { recursive: true });
    const main = (app: string) => join(elsewhere, app, 'main.js');
    await run('npm', ['ci', '--omit=dev'], { cwd: dirname(main('worker')) });

    await using cloud = await startTestCloud({
      images: { [AMI]: { command: [process.execPath, main('worker')] } },
    });
    for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
    const environment = {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: cloud.endpoint,
      REQUEST_QUEUE_URL: await cloud.createQueue('requests.fifo'),
      FLEET_EVENT_QUEUE_URL: await cloud.createQueue('events'),
      INPUT_BUCKET: 'input',
      OUTPUT_BUCKET: 'output',
      STATE_BUCKET: 'state',
    };
    const worker = { ...environment, POLL_SECONDS: '1', INFERENCE_THREADS: '1' };
    const template = await cloud.createWorkerTemplate(AMI, worker);
    const shared = { ...cloud.environment, ...environment, PORT: '0', METRICS_PORT: '0' };
    await using gateway = startApp(main('gateway'), shared);
    await using scaler = startApp(main('scaler'), {
      ...shared,
      DEAD_LETTER_QUEUE_URL: await cloud.createQueue('dead.fifo'),
      WORKER_LAUNCH_TEMPLATE: template.name,
      MAX_WORKERS: '1',
      TICK_SECONDS: '0.5',
    });
    const url = await gateway.url;
    await scaler.url;
    const isReady = () =>
      fetch(new URL('/readyz', url)).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the gateway is ready', isReady, { timeoutMs: 20_000 });
    await expectRightLabels(url, images, { concurrency: 4 });
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});
