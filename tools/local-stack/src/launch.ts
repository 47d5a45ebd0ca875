import { connectS3, type ObjectStore } from '@labelfleet/aws/store';
import type { ModelDescription } from '@labelfleet/contracts';
import { parseConfig as parseGateway } from '@labelfleet/gateway/config';
import type { Environment } from '@labelfleet/runtime';
import { join } from 'node:path';
import {
  clientVariables,
  gatewayVariables,
  inherited,
  LOCAL_CREDENTIALS,
  scalerVariables,
  workerVariables,
  type StackResources,
  type Variables,
} from './app-environments.ts';
import { startApp, type RunningApp } from './child-process.ts';
import type { StackConfig } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import { dotenv } from './dotenv.ts';
import type { Ports } from './ports.ts';
import { provisionModel } from './provision-model.ts';
import { provisionStorage, provisionWorkers, WORKER_IMAGE } from './provision.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const READY_TIMEOUT_MS = 60_000;
/**
 * The time for each part to stop before it is killed. Process managers and containers kill after 10 s, so all parts
 * and the leftovers together take less, unless the user sets a longer drain timeout of the gateway.
 */
const STOP_MS = { gatewayBeyondDrain: 2_200, scaler: 1_200, localCloud: 3_000 };

export interface LaunchContext {
  config: StackConfig;
  /** The user's variables, passed on to the apps. */
  env: Environment;
  /** What the model knows. */
  model: ModelDescription;
  workspace: string;
  folder: DataFolder;
  ports: Ports;
  /** Each started process is added to it. */
  running: AsyncDisposableStack;
  stop: AbortSignal;
}

export interface Product {
  /** The gateway's URL. */
  url: string;
  /** The variables of `local.env`. */
  variables: Variables;
  state: ObjectStore;
  /** Aborted when the stack must stop or a part of it has died; its reason is which. */
  ended: AbortSignal;
}

/**
 * Starts the local cloud, creates the product's resources in it, and starts scaler and gateway. Resolves when the
 * gateway accepts images.
 * @throws StartError if a part does not start
 */
export async function launch(context: LaunchContext): Promise<Product> {
  const { config, env, workspace, folder, ports, stop } = context;
  const app = (name: string) => join(workspace, 'dist/apps', name, 'main.js');

  const cloudScript = join(workspace, 'tools/local-cloud/src/main.ts');
  const cloud = start(context, 'local-cloud', cloudScript, STOP_MS.localCloud, {
    ...inherited(env, folder.root),
    AWS_REGION: config.region,
    LOCAL_CLOUD_PORT: String(ports.localCloud),
    LOCAL_CLOUD_DATA_DIR: folder.cloud,
    LOCAL_CLOUD_IMAGES: JSON.stringify({
      [WORKER_IMAGE]: { command: [process.execPath, app('worker')] },
    }),
    LOCAL_BOOT_SECONDS: String(config.bootMs / 1000),
  });
  const endpoint = `http://127.0.0.1:${ports.localCloud}`;
  await waitUntilReady(
    // Any answer means ready, because this path is not part of an AWS API.
    { name: 'local-cloud', url: endpoint, accepts: () => true, timeoutMs: READY_TIMEOUT_MS },
    AbortSignal.any([stop, cloud.died]),
  );

  const connection = { region: config.region, endpoint, credentials: LOCAL_CREDENTIALS };
  const resources: StackResources = {
    dataDir: folder.root,
    region: config.region,
    endpoint,
    ...(await provisionStorage(connection)),
  };
  await provisionModel(connection, resources.stateBucket, context.model);
  const userData = dotenv(workerVariables(env, resources, config.modelDir));
  const launchTemplate = await provisionWorkers(connection, userData);

  const scaler = start(
    context,
    'scaler',
    app('scaler'),
    STOP_MS.scaler,
    scalerVariables(env, resources, { launchTemplate, port: ports.scaler }),
  );
  const { host } = config.gateway;
  const gatewayEnv = gatewayVariables(env, resources, {
    host,
    port: ports.gateway,
    metricsPort: ports.gatewayMetrics,
  });
  const gateway = start(
    context,
    'gateway',
    app('gateway'),
    parseGateway(gatewayEnv).drainTimeoutMs + STOP_MS.gatewayBeyondDrain,
    gatewayEnv,
  );
  const ended = AbortSignal.any([stop, cloud.died, scaler.died, gateway.died]);
  const url = `http://${reachable(host)}:${ports.gateway}/`;
  const metricsPort = ports.gatewayMetrics || ports.gateway;
  await waitUntilReady(
    {
      name: 'gateway',
      url: `${url}readyz`,
      accepts: (status) => status === 200,
      timeoutMs: READY_TIMEOUT_MS,
    },
    ended,
  );
  const variables = {
    ...clientVariables(resources),
    GATEWAY_URL: url,
    GATEWAY_METRICS_URL: `http://${reachable(host)}:${metricsPort}/metrics`,
    SCALER_URL: `http://127.0.0.1:${ports.scaler}/`,
    WORKER_LAUNCH_TEMPLATE: launchTemplate,
  };
  const s3 = context.running.adopt(connectS3(connection), (client) => client.close());
  return { url, variables, state: s3.store(resources.stateBucket), ended };
}

function start(
  context: LaunchContext,
  name: string,
  script: string,
  stopTimeoutMs: number,
  env: Variables,
): RunningApp {
  return context.running.use(
    startApp({
      name,
      script,
      env,
      logFile: context.folder.log(name),
      stopTimeoutMs,
    }),
  );
}

/** Returns an address for calls to a server that listens at this host, which may be all addresses. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
