import type { ModelDescription } from '@labelfleet/contracts';
import { parseConfig as parseGateway } from '@labelfleet/gateway/config';
import { embeddedModelDir, ModelError, openClassifier } from '@labelfleet/inference';
import { ConfigError, type Environment } from '@labelfleet/runtime';
import { parseConfig as parseScaler } from '@labelfleet/scaler/config';
import { parseConfig as parseWorker } from '@labelfleet/worker/config';
import {
  gatewayVariables,
  scalerVariables,
  workerVariables,
  type StackResources,
} from './app-environments.ts';
import type { StackConfig } from './config.ts';

/** Placeholders, because the resources are created only after these checks. */
const PLACEHOLDERS: StackResources = {
  dataDir: '/',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:1',
  requestQueueUrl: 'http://127.0.0.1:1/requests',
  deadLetterQueueUrl: 'http://127.0.0.1:1/dead-letters',
  batchQueueUrl: 'http://127.0.0.1:1/batch',
  batchDeadLetterQueueUrl: 'http://127.0.0.1:1/batch-dead-letters',
  fleetEventQueueUrl: 'http://127.0.0.1:1/fleet-events',
  webhookQueueUrl: 'http://127.0.0.1:1/webhooks',
  webhookDeadLetterQueueUrl: 'http://127.0.0.1:1/webhooks-dead-letters',
  inputBucket: 'input',
  outputBucket: 'output',
  stateBucket: 'state',
};

/** Any valid limit, because no image is classified. */
const MAX_PIXELS = 1_000_000;

/**
 * Parses the variables of every app and opens the model. Without this check, faults of a worker would appear only in
 * the log of each instance, after its boot.
 * @returns what the model knows
 * @throws ConfigError that names all faults
 */
export async function checkApps(
  env: Environment,
  config: StackConfig,
): Promise<{ model: ModelDescription }> {
  const { gateway, modelDir } = config;
  const { model, faults: faultsOfModel } = await openModel(modelDir, env['MIN_PRECISION']);
  const faults = [
    ...faultsOf(() =>
      parseGateway(gatewayVariables(env, PLACEHOLDERS, { ...gateway, metricsPort: 0 })),
    ),
    ...faultsOf(() =>
      parseScaler(scalerVariables(env, PLACEHOLDERS, { launchTemplate: 'worker', port: 0 })),
    ),
    ...faultsOf(() => parseWorker(workerVariables(env, PLACEHOLDERS, modelDir), 1)),
    ...faultsOfModel,
  ];
  // Several apps have some variables in common, so a fault may be reported twice.
  if (model === undefined || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return { model };
}

function faultsOf(parse: () => unknown): readonly string[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

async function openModel(
  modelDir: string | undefined,
  minPrecision: string | undefined,
): Promise<{ model?: ModelDescription; faults: string[] }> {
  try {
    await using classifier = await openClassifier({
      modelDir: modelDir ?? embeddedModelDir,
      threads: 1,
      maxPixels: MAX_PIXELS,
    });
    const model = classifier.description;
    const uncalibrated = minPrecision && model.calibration === undefined;
    return {
      model,
      faults: uncalibrated
        ? [
            `MIN_PRECISION=${minPrecision}: the model ${model.name}/${model.version} has no calibration table. Make it with npm run model:evaluate -- --save, or unset the variable.`,
          ]
        : [],
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const set = modelDir === undefined ? 'The embedded model' : `MODEL_DIR=${modelDir}`;
    return { faults: [`${set} cannot be used: ${error.message}`] };
  }
}
