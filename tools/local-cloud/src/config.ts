import {
  flag,
  logLevel,
  parseEnvironment,
  secondsAsMs,
  wholeNumber,
  type Environment,
} from '@labelfleet/runtime';
import * as z from 'zod';

/** The program that an instance of an image runs, and its arguments. */
const images = z.record(z.string(), z.object({ command: z.array(z.string()).min(1) }));

export type Images = z.output<typeof images>;

const imagesAsJson = z.string().transform((text, context) => {
  const parsed = images.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: 'custom',
    message: 'must be JSON such as {"ami-worker": {"command": ["node", "main.js"]}}',
  });
  return z.NEVER;
});

const schema = z.object({
  LOCAL_CLOUD_PORT: wholeNumber({ min: 0, max: 65_535 }).default(4566),
  LOCAL_CLOUD_DATA_DIR: z.string().optional(),
  LOCAL_CLOUD_STORAGE: z.enum(['durable', 'memory']).default('durable'),
  LOCAL_CLOUD_IMAGES: imagesAsJson.default({}),
  LOCAL_BOOT_SECONDS: secondsAsMs({ min: 0, max: 3600 }).default(0),
  LOCAL_CLOUD_DEFAULT_SUBNETS: flag().default(true),
  LOCAL_CLOUD_POLICIES: z.string().optional(),
  LOCAL_CLOUD_GRACE_SECONDS: secondsAsMs({ min: 0, max: 3600 }).default(90_000),
  LOCAL_CLOUD_STOP_WITH_STDIN: flag().default(false),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  HOME: z.string().default('/'),
  AWS_REGION: z.string().default('us-east-1'),
  LOG_LEVEL: logLevel().default('info'),
});

export interface Config {
  /** 0 means any free port. */
  port: number;
  /**
   * The folder of objects, state, instance logs and the list of instance processes. If undefined, a temporary folder that
   * is removed at the end.
   */
  dataDir: string | undefined;
  /**
   * True if queues, messages and EC2's state, including running instances, survive a restart. Objects always do.
   */
  storage: 'durable' | 'memory';
  /** By image id. */
  images: Images;
  /** The time from RunInstances to the start of the instance's process. */
  bootMs: number;
  /** Whether a launch needs no subnet, as in an account with a default VPC. */
  defaultSubnets: boolean;
  /** The file with the policies of callers. Undefined: everybody may do everything. */
  policiesFile: string | undefined;
  /** The time from SIGTERM to SIGKILL for the process of a terminated instance. */
  graceMs: number;
  /** Stop when standard input ends, which happens when the process at its other end has exited or was killed. */
  stopWithStdin: boolean;
  region: string;
  /** The variables that every instance's process gets in addition to its user data. */
  instanceEnvironment: { PATH: string; HOME: string };
  logLevel: z.output<ReturnType<typeof logLevel>>;
}

/** @throws ConfigError */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(schema, env);
  return {
    port: parsed.LOCAL_CLOUD_PORT,
    dataDir: parsed.LOCAL_CLOUD_DATA_DIR,
    storage: parsed.LOCAL_CLOUD_STORAGE,
    images: parsed.LOCAL_CLOUD_IMAGES,
    bootMs: parsed.LOCAL_BOOT_SECONDS,
    defaultSubnets: parsed.LOCAL_CLOUD_DEFAULT_SUBNETS,
    policiesFile: parsed.LOCAL_CLOUD_POLICIES,
    graceMs: parsed.LOCAL_CLOUD_GRACE_SECONDS,
    stopWithStdin: parsed.LOCAL_CLOUD_STOP_WITH_STDIN,
    region: parsed.AWS_REGION,
    instanceEnvironment: { PATH: parsed.PATH, HOME: parsed.HOME },
    logLevel: parsed.LOG_LEVEL,
  };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
