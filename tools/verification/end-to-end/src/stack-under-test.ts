import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectS3 } from '@labelfleet/aws/store';
import { stackProcesses, type StackProcess } from '@labelfleet/local-stack/processes';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { until } from '@labelfleet/testkit/until';

const LOCAL_STACK = join(import.meta.dirname, '../../../local-stack/src/main.ts');
const READY_TIMEOUT_MS = 80_000;
const STOP_TIMEOUT_MS = 30_000;

/** The product as `npm start` runs it, on free ports and in a temporary data folder. */
export type StackUnderTest = Awaited<ReturnType<typeof startStack>>;

/** @param settings the product's variables, as a user would set them */
export async function startStack(settings: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'end-to-end-'));
  const starter = spawn(process.execPath, [LOCAL_STACK], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOCAL_CLOUD_PORT: '0',
      LABELFLEET_DATA_DIR: dataDir,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(starter.stdout), text(starter.stderr)]);
  const ended = once(starter, 'exit').then(([code]: (number | null)[]) => code ?? null);

  const processes = () => stackProcesses(dataDir);
  const allEnded = () =>
    until('every process has ended', async () => (await processes()).length === 0, {
      timeoutMs: STOP_TIMEOUT_MS,
    });
  const release = async () => {
    starter.kill('SIGKILL');
    for (const { pid } of await processes()) process.kill(pid, 'SIGKILL');
    await allEnded();
    await rm(dataDir, { recursive: true });
  };

  const localEnv = join(dataDir, 'local.env');
  const isReady = () =>
    access(localEnv).then(
      () => true,
      () => false,
    );
  const first = await Promise.race([
    until('the stack is ready', isReady, { timeoutMs: READY_TIMEOUT_MS }),
    ended.then((code) => ({ code })),
  ]);
  if (first !== undefined) {
    await release();
    const said = (await output).join('');
    throw new Error(`The stack ended with ${first.code} before it was ready:\n${said}`);
  }
  const variables = parseEnv(await readFile(localEnv, 'utf8'));
  const variable = (name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`local.env has no ${name}`);
    return value;
  };
  const connection = {
    region: variable('AWS_REGION'),
    endpoint: variable('AWS_ENDPOINT_URL'),
    credentials: {
      accessKeyId: variable('AWS_ACCESS_KEY_ID'),
      secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    },
  };
  const ec2 = connectEc2(connection);
  const s3 = connectS3(connection);
  return {
    url: new URL(variable('GATEWAY_URL')),
    /** The variables of `local.env`, which another gateway needs. */
    variables,
    fleet: ec2.fleet,
    images: s3.store(variable('INPUT_BUCKET')),
    results: s3.store(variable('OUTPUT_BUCKET')),
    state: s3.store(variable('STATE_BUCKET')),
    /** All running processes except the starter. */
    processes,
    /** The running worker processes. */
    workers: async () => (await processes()).filter(isWorker),
    /** Kills a worker with SIGKILL, like the loss of its host. @returns its pid */
    async killOneWorker(): Promise<number> {
      const worker = (await processes()).find(isWorker);
      if (worker === undefined) throw new Error('there is no worker to kill');
      process.kill(worker.pid, 'SIGKILL');
      return worker.pid;
    },
    /** Resolves when all processes except the starter have ended. */
    allEnded,
    /** Sends the starter a signal. @returns its exit code, or null if the signal ended it */
    end(signal: NodeJS.Signals): Promise<number | null> {
      starter.kill(signal);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      ec2.close();
      s3.close();
      await release();
    },
  };
}

const isWorker = ({ name }: StackProcess) => name.endsWith('apps/worker/main.js');
