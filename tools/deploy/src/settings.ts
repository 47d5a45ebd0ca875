import { EXIT, StartError } from '@labelfleet/runtime';
import { isIP } from 'node:net';
import * as z from 'zod';

/** The options of `deploy`, as parseArgs wants them. */
export const OPTIONS = {
  'allow-from': { type: 'string' },
  fleet: { type: 'string' },
  model: { type: 'string' },
  'min-workers': { type: 'string' },
  'max-workers': { type: 'string' },
  'worker-types': { type: 'string' },
  'worker-market': { type: 'string' },
  'worker-public-ipv4': { type: 'boolean' },
  'gateway-type': { type: 'string' },
  'scaler-type': { type: 'string' },
  'job-sources': { type: 'string' },
  'job-destinations': { type: 'string' },
  domain: { type: 'string' },
  'certificate-arn': { type: 'string' },
  'no-logs': { type: 'boolean' },
  'metrics-from': { type: 'string' },
  'alarm-email': { type: 'string' },
  budget: { type: 'string' },
} as const;

const number = (min: number, max: number, start: number) => {
  const fault = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number<string>(fault).int(fault).min(min, fault).max(max, fault).default(start);
};

const list = <T>(of: z.ZodType<T, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(of).min(1));

const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]+\.[a-z0-9]+$/, 'must be an instance type such as c7g.large');

/** Types with a `g` after their generation have Graviton processors. */
export const archOf = (type: string): 'arm64' | 'x64' =>
  /^([a-z]+\d+g|a1)/.test(type) ? 'arm64' : 'x64';

const bucketPart = z
  .string()
  .regex(
    // Without dots, which TLS does not allow in a bucket's host name; the folder as user data takes it.
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9](\/[\w./=+@%-]*)?$/,
    'must be buckets or bucket/folder, separated by commas, without dots in a bucket and without spaces',
  )
  .transform((text) => {
    const [bucket = '', ...folders] = text.split('/');
    const folder = folders.join('/').replace(/\/?$/, '/');
    return { bucket, prefix: folder === '/' ? '' : folder };
  });
/** A part of a bucket: the keys that begin with `prefix`, which is empty or ends with a slash. */
export type BucketPart = z.output<typeof bucketPart>;

const workerTypes = list(instanceType).refine(
  (types) => new Set(types.map(archOf)).size === 1,
  'must all be of one architecture, because they run one pack',
);

const schema = z
  .object({
    'allow-from': z
      .string('is required: the addresses that may call the gateway, such as 203.0.113.7/32')
      .refine(isCidr, 'must be an IPv4 range such as 203.0.113.7/32'),
    // SQS allows 80 characters in a queue's name, of which a reply queue needs 46.
    fleet: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be 1 to 24 lower-case letters, digits or -')
      // The reply queues of a fleet are found by their prefix, which must not be another fleet's.
      .refine((name) => !name.includes('replies'), 'must not contain "replies"')
      .default('labelfleet'),
    model: z.string().min(1).default('mobilenet-v2'),
    'min-workers': number(0, 1000, 0),
    'max-workers': number(1, 1000, 20),
    'worker-types': workerTypes.default(['c7g.large', 'c8g.large']),
    'worker-market': list(
      z.enum(['spot', 'on-demand'], 'must be spot, on-demand or both, the preferred first'),
    ).default(['on-demand']),
    'worker-public-ipv4': z.boolean().default(false),
    'gateway-type': instanceType.default('t4g.small'),
    'scaler-type': instanceType.default('t4g.micro'),
    'job-sources': list(bucketPart).default([]),
    'job-destinations': list(bucketPart).default([]),
    domain: z
      .string()
      .max(253)
      .regex(
        /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
        'must be a name such as labels.example.com, in lower case',
      )
      .optional(),
    'certificate-arn': z
      .string()
      .regex(
        /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
        'must be the ARN of a certificate in ACM',
      )
      .optional(),
    'no-logs': z.boolean().default(false),
    'metrics-from': list(
      z
        .string()
        .refine(
          (text) => isCidr(text) || /^sg-[0-9a-f]{8,17}$/.test(text),
          'must be IPv4 ranges such as 10.0.0.0/16, or security groups such as sg-0123456789abcdef0',
        ),
    ).default([]),
    'alarm-email': z.email('must be an e-mail address').optional(),
    budget: number(1, 1_000_000, 50),
  })
  .refine((set) => set['min-workers'] <= set['max-workers'], {
    path: ['min-workers'],
    message: 'must be at most --max-workers',
  })
  .refine((set) => set['certificate-arn'] === undefined || set.domain !== undefined, {
    path: ['domain'],
    message: 'is required with --certificate-arn: the name that the certificate is for',
  });

export type Settings = ReturnType<typeof parseSettings>;

/** @throws StartError with exit code 78 that names every wrong option */
export function parseSettings(given: Readonly<Record<string, string | boolean | undefined>>) {
  const { success, data, error } = schema.safeParse(given);
  if (!success) {
    const faults = error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`);
    throw new StartError([...new Set(faults)].join('\n'), EXIT.config);
  }
  return {
    allowFrom: data['allow-from'],
    fleet: data.fleet,
    model: data.model,
    minWorkers: data['min-workers'],
    maxWorkers: data['max-workers'],
    workerTypes: data['worker-types'],
    workerMarkets: data['worker-market'],
    workerPublicIpv4: data['worker-public-ipv4'],
    gatewayType: data['gateway-type'],
    scalerType: data['scaler-type'],
    jobSources: data['job-sources'],
    jobDestinations: data['job-destinations'],
    domain: data.domain,
    certificateArn: data['certificate-arn'],
    logs: !data['no-logs'],
    metricsFrom: data['metrics-from'],
    alarmEmail: data['alarm-email'],
    budgetUsd: data.budget,
  };
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  return isIP(address) === 4 && /^\d{1,2}$/.test(bits) && Number(bits) <= 32 && rest.length === 0;
}
