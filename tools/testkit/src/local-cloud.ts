import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Node's compile cache, which halves the CPU time of later starts. */
const COMPILE_CACHE = fileURLToPath(
  new URL('../../../node_modules/.cache/local-cloud', import.meta.url),
);

export interface LocalCloudOptions {
  /** The command of an instance, by image id. */
  images?: Readonly<Record<string, { command: readonly string[] }>>;
  /** From RunInstances to the start of the instance's process. Default: 0. */
  bootSeconds?: number;
  /** Default: a temporary folder that is removed at the stop. */
  dataDir?: string;
  /** `durable` keeps the state in the data folder. Default: `memory`. */
  storage?: 'durable' | 'memory';
  /** Default: any free port. */
  port?: number;
  /** More variables for the server's process. */
  env?: Readonly<Record<string, string>>;
  /** Receives the server's process before it listens, so that a test can kill it at its start. */
  onSpawn?: (server: ChildProcess) => void;
}

export interface LocalCloudProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** The variables with which an AWS client outside an instance finds it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  /** Terminates every instance and resolves when the process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts local-cloud from its sources in a separate process, so that its CPU time can be measured. It ends when
 * the process that started it has ended, even by SIGKILL.
 * @throws Error if it does not start
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
  options.onSpawn?.(child);
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const endpoint = await Promise.race([listening(child), exited.then(() => undefined)]);
  if (endpoint === undefined) {
    await stop();
    throw new Error('local-cloud did not start. Read its log lines above.');
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

/** The endpoint from its line `{"listening":…}`; its other lines go to stderr. */
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
