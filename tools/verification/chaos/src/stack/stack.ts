import {
  gatewayVariables,
  inherited,
  LOCAL_CREDENTIALS,
  scalerVariables,
  workerVariables,
  type StackResources,
  type Variables,
} from '@labelfleet/local-stack/app-environments';
import { dotenv } from '@labelfleet/local-stack/dotenv';
import {
  provisionStorage,
  provisionWorkers,
  WORKER_IMAGE,
} from '@labelfleet/local-stack/provision';
import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { History } from '../history/history.ts';
import { ManagedProcess, type ProcessToRun } from './managed-process.ts';
import { BOOT_SECONDS, GRACE_SECONDS, settings } from './settings.ts';

const LOCAL_CLOUD = join(import.meta.dirname, '../../../../local-cloud/src/main.ts');
const REGION = 'us-east-1';

export interface StackOptions {
  /** A folder with `<app>/main.js` for each app. */
  bundles: string;
  /** The folder for all files of the run. */
  dataDir: string;
  maxWorkers: number;
  /** More variables of the product. */
  variables?: Variables;
  /** PATH and HOME of the processes. */
  env: Readonly<Record<string, string | undefined>>;
  /** The files of the API keys and of the webhook receivers. */
  keysPath: string;
  webhooksPath: string;
}

/** The product on a durable local cloud; each process can be killed separately. */
export interface Stack {
  cloud: ManagedProcess;
  gateways: readonly ManagedProcess[];
  scalers: readonly ManagedProcess[];
  /** By the name of the gateway. */
  urls: ReadonlyMap<string, string>;
  /** Where gateways and scalers serve their metrics, by the name of the process. */
  metricsUrls: ReadonlyMap<string, string>;
  endpoint: string;
  around: StackResources;
  cloudDir: string;
  /** The folder of the logs of gateways, scalers and the local cloud, one file a run. */
  logDir: string;
}

/** Starts two gateways and two scalers; resolves when all are ready. */
export async function startStack(options: StackOptions, history: History): Promise<Stack> {
  const { dataDir, bundles, maxWorkers, keysPath, webhooksPath } = options;
  const logDir = join(dataDir, 'logs');
  const cloudDir = join(dataDir, 'cloud');
  await mkdir(logDir, { recursive: true });
  const env = {
    ...settings(maxWorkers),
    ...options.variables,
    PATH: options.env['PATH'],
    HOME: options.env['HOME'],
  };
  const random = seededRandom(process.pid);
  const local = async () => {
    const port = await freePort(random);
    return { port, url: `http://127.0.0.1:${port}` };
  };
  const manage = (toRun: Omit<ProcessToRun, 'logFile'>) => {
    const logFile = (run: number) => join(logDir, `${toRun.name}.${run}.log`);
    return new ManagedProcess({ ...toRun, logFile }, history);
  };
  const script = (app: string) => join(bundles, app, 'main.js');
  /** Each process has its own access key, by which the local cloud tells callers apart. */
  const manageApp = (
    app: 'gateway' | 'scaler',
    number: number,
    variables: Variables,
    readyUrl: string,
  ) => {
    const name = `${app}-${number}`;
    const signed = { ...variables, AWS_ACCESS_KEY_ID: name };
    return manage({ role: app, name, script: script(app), env: signed, ready: { url: readyUrl } });
  };

  const { port, url: endpoint } = await local();
  const cloud = manage({
    role: 'local-cloud',
    name: 'local-cloud',
    script: LOCAL_CLOUD,
    env: {
      ...inherited(env, dataDir),
      AWS_REGION: REGION,
      LOCAL_CLOUD_PORT: String(port),
      LOCAL_CLOUD_DATA_DIR: cloudDir,
      LOCAL_CLOUD_IMAGES: JSON.stringify({
        [WORKER_IMAGE]: { command: [process.execPath, script('worker')] },
      }),
      LOCAL_BOOT_SECONDS: String(BOOT_SECONDS),
      LOCAL_CLOUD_GRACE_SECONDS: String(GRACE_SECONDS),
    },
    ready: { url: endpoint, anyAnswer: true },
  });
  await cloud.start();

  const connection = { region: REGION, endpoint, credentials: LOCAL_CREDENTIALS };
  const storage = await provisionStorage(connection);
  const around: StackResources = { dataDir, region: REGION, endpoint, ...storage };
  const userData = dotenv(workerVariables(env, around, undefined));
  const launchTemplate = await provisionWorkers(connection, userData);

  const urls = new Map<string, string>();
  const metricsUrls = new Map<string, string>();
  const gateways: ManagedProcess[] = [];
  const scalers: ManagedProcess[] = [];
  for (const number of [1, 2]) {
    const [forGateway, forScaler, forMetrics] = [await local(), await local(), await local()];
    const files = { API_KEYS_FILE: keysPath, WEBHOOKS_FILE: webhooksPath };
    const gateway = gatewayVariables({ ...env, ...files }, around, {
      host: '127.0.0.1',
      port: forGateway.port,
      metricsPort: forMetrics.port,
    });
    const scaler = scalerVariables(env, around, { launchTemplate, port: forScaler.port });
    urls.set(`gateway-${number}`, forGateway.url);
    metricsUrls.set(`gateway-${number}`, `${forMetrics.url}/metrics`);
    metricsUrls.set(`scaler-${number}`, `${forScaler.url}/metrics`);
    gateways.push(manageApp('gateway', number, gateway, `${forGateway.url}/readyz`));
    scalers.push(manageApp('scaler', number, scaler, `${forScaler.url}/healthz`));
  }
  await Promise.all([...gateways, ...scalers].map((each) => each.start()));
  return { cloud, gateways, scalers, urls, metricsUrls, endpoint, around, cloudDir, logDir };
}
