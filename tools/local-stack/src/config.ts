import {
  parseEnvironment,
  secondsAsMs,
  wholeNumber,
  workspaceVariables,
  type Environment,
} from '@labelfleet/runtime';
import { resolve } from 'node:path';
import * as z from 'zod';

export type StackConfig = ReturnType<typeof parseConfig>;

/**
 * Parses the variables of the local stack. app-environments.ts has those that it passes on to the apps.
 * @param cwd the folder for relative paths
 * @throws ConfigError that names all faults
 */
export function parseConfig(env: Environment, cwd: string) {
  const set = parseEnvironment(schema, env);
  return {
    gateway: { host: set.HOST, port: set.PORT, metricsPort: set.METRICS_PORT },
    scalerPort: set.SCALER_PORT,
    localCloudPort: set.LOCAL_CLOUD_PORT,
    bootMs: set.LOCAL_BOOT_SECONDS,
    region: set.AWS_REGION,
    /** The process whose end stops the stack. Undefined: the stack does not depend on its parent. */
    parentPid: set.LABELFLEET_PARENT,
    dataDir: resolve(cwd, set.LABELFLEET_DATA_DIR),
    /** Undefined: the embedded model. */
    modelDir: set.MODEL_DIR === undefined ? undefined : resolve(cwd, set.MODEL_DIR),
  };
}

/** 0 means any free port. */
const port = () => wholeNumber({ min: 0, max: 65_535 });

const schema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port().default(8080),
  /** Any free port where absent; for the gateway, 0 is its public port. */
  METRICS_PORT: port().optional(),
  SCALER_PORT: port().default(0),
  LOCAL_CLOUD_PORT: port().default(4566),
  LOCAL_BOOT_SECONDS: secondsAsMs({ min: 0 }).default(0),
  AWS_REGION: z.string().default('us-east-1'),
  LABELFLEET_PARENT: wholeNumber({ min: 1 }).optional(),
  ...workspaceVariables,
});
