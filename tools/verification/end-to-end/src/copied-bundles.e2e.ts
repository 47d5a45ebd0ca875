import { startTestCloud } from '@labelfleet/aws/testing';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { classifyDirectly } from './classify-directly.ts';
import { drawImages } from '@labelfleet/testkit/images';
import { until } from '@labelfleet/testkit/until';

const run = promisify(execFile);
const workspace = join(import.meta.dirname, '../../../..');
const AMI = 'ami-0123456789abcdef0';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a bundle with only its configuration in the environment. */
function start(main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const exit = once(child, 'exit');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

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
    const template = await cloud.createLaunchTemplate({
      name: 'worker',
      imageId: AMI,
      instanceType: 'c7i.large',
      userData: Object.entries(worker)
        .map((pair) => `${pair.join('=')}\n`)
        .join(''),
    });
    const port = String(await freePort());
    const shared = { ...cloud.environment, ...environment };
    await using apps = new AsyncDisposableStack();
    apps.use(start(main('gateway'), { ...shared, PORT: port }));
    apps.use(
      start(main('scaler'), {
        ...shared,
        PORT: '0',
        DEAD_LETTER_QUEUE_URL: await cloud.createQueue('dead.fifo'),
        WORKER_LAUNCH_TEMPLATE: template.name,
        MAX_WORKERS: '1',
        TICK_SECONDS: '0.5',
      }),
    );
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the gateway is ready', isReady, { timeoutMs: 20_000 });

    const files = await drawImages(elsewhere, 4);
    const answers = await Promise.all(
      files.map(async (file) => {
        const form = new FormData();
        form.set('myfile', new Blob([await readFile(file)]), basename(file));
        const answer = await fetch(url, { method: 'POST', body: form });
        return [basename(file), await answer.text()] as const;
      }),
    );
    expect(new Map(answers)).toEqual(await classifyDirectly(files));
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});
