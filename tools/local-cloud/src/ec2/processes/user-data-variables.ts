import { parseEnv } from 'node:util';

/** The variables that a worker reads. */
const NAMES = new Set([
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_REGION',
  'FLEET_NAME',
  'INFERENCE_THREADS',
  'LABELFLEET_STACK',
  'LOG_LEVEL',
  'METRICS_PORT',
  'MODEL_DIR',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_TRACES_SAMPLER_ARG',
  'PORT',
  'PRICES_USD',
  'SLOTS',
  'WORKER_LAUNCH_TEMPLATE',
]);

/** Queues, buckets, and settings whose names end with their unit. */
const NAMED_BY_KIND = /^[A-Z]+(_[A-Z]+)*_(QUEUE_URL|BUCKET|SECONDS|BYTES|PIXELS)$/;

/**
 * Returns the variables that an instance's process gets from its user data, which is parsed as dotenv. Only variables of
 * labelfleet are accepted: with others (NODE_OPTIONS, LD_PRELOAD, PATH, AWS_CONFIG_FILE), a caller of RunInstances
 * could run any program as the user of this server.
 * @param userData base64
 */
export function variablesOf(userData: string | undefined): {
  taken: Record<string, string>;
  refused: string[];
} {
  const given = Object.entries(parseEnv(Buffer.from(userData ?? '', 'base64').toString()));
  const isTaken = (name: string) => NAMES.has(name) || NAMED_BY_KIND.test(name);
  return {
    taken: Object.fromEntries(
      given.flatMap(([name, value]) =>
        value !== undefined && isTaken(name) ? [[name, value] as const] : [],
      ),
    ),
    refused: given.map(([name]) => name).filter((name) => !isTaken(name)),
  };
}
