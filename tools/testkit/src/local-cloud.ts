import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What Node has made of the sources, so that each start but the first takes half the CPU time. */
const COMPILE_CACHE = fileURLToPath(
  new URL('../../../node_modules/.cache/local-cloud', import.meta.url),
);

export interface LocalCloudOptions {
  /** What an instance runs, by image id. */
  images?: Readonly<Record<string, { command: readonly string[] }>>;
  /** From RunInstances to the start of the instance's process; 0. */
  bootSeconds?: number;
  /** A temporary folder of its own, removed at the stop. */
  dataDir?: string;
  /** Whether its state outlives it in the data folder; `memory`. */
  storage?: 'durable' | 'memory';
  /** Any free one. */
  port?: number;
  /** More variables for the server's process. */
  env?: Readonly<Record<string, string>>;
}

export interface LocalCloudProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** What an AWS client needs to find it, for a host that is no instance. */
  readonly environment: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  /** Terminates every instance and resolves when the process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts local-cloud from its sources in a process of its own, so that its CPU time can be told apart. It
 * ends with the process that started it, however that ends.
 * @throws Error with what it printed when it does not start
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloudProcess> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../local-cloud/src/main.ts', import.meta.url))],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: process.env['TMPDIR'],
        LOG_LEVEL: 'warn',
        LOCAL_CLOUD_PORT: String(options.port ?? 0),
        ...(options.dataDir === undefined ? {} : { LOCAL_CLOUD_DATA_DIR: options.dataDir }),
        LOCAL_CLOUD_STORAGE: options.storage ?? 'memory',
        LOCAL_CLOUD_IMAGES: JSON.stringify(options.images ?? {}),
        LOCAL_BOOT_SECONDS: String(options.bootSeconds ?? 0),
        LOCAL_CLOUD_STOP_WITH_STDIN: 'true',
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const endpoint = await Promise.race([listening(child), exited.then(() => undefined)]);
  if (endpoint === undefined) {
    await stop();
    throw new Error('local-cloud did not start; the lines above say why.');
  }
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    process: child,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Its first line of JSON with `listening`; its other lines are passed on. */
async function listening(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const endpoint = /^\{"listening":"(.*)"\}$/.exec(line)?.[1];
      if (endpoint === undefined) process.stderr.write(`${line}\n`);
      else resolve(endpoint);
    });
    lines.once('close', () => resolve(undefined));
  });
}
