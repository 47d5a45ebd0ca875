import { commandLine } from '@labelfleet/runtime';

export const USAGE = `usage: npm run loadgen -- --url URL --images FOLDER [options]

  --url URL          the URL to post images to, such as http://127.0.0.1:8080/
  --images FOLDER    a folder of images, or one image file
  --requests N       how many images to send; starts over from the first if the folder has fewer
                     (default: each image once)
  --concurrency N    how many requests to send at once (default: 10)
  --field NAME       the name of the form field (default: myfile)
  --expect FILE      the expected labels: lines of file,label, or the output of npm run classify
  --output FILE      write the answers to this file as CSV: file,label,latencyMs,failure
  --idempotency-keys send each image with a unique Idempotency-Key, and repeat the request with that key
                     when the connection breaks (default: a broken connection is a failure)
  --timeout SECONDS  the timeout of one request (default: 330)

Exit code: 0 if every answer is right, 1 if one is wrong or missing.`;

const { fault, httpUrl, parse, whole } = commandLine(USAGE);

export interface LoadgenOptions {
  url: URL;
  images: string;
  /** Default: the number of images. */
  requests: number | undefined;
  concurrency: number;
  field: string;
  expectFile: string | undefined;
  outputFile: string | undefined;
  idempotencyKeys: boolean;
  timeoutMs: number;
}

/** A little longer than the time for which the gateway waits for a result by default. */
const DEFAULT_TIMEOUT_SECONDS = 330;

/** Parses the command line; returns `help` for --help. @throws StartError that names the fault */
export function parseOptions(args: readonly string[]): LoadgenOptions | 'help' {
  const given = parseKnown(args);
  if (given.help === true) return 'help';
  return {
    url: httpUrl('--url', required('url', given.url)),
    images: required('images', given.images),
    requests: given.requests === undefined ? undefined : whole('--requests', given.requests, 1),
    concurrency: whole('--concurrency', given.concurrency ?? '10', 1),
    field: given.field ?? 'myfile',
    expectFile: given.expect,
    outputFile: given.output,
    idempotencyKeys: given['idempotency-keys'] ?? false,
    timeoutMs: seconds('timeout', given.timeout ?? String(DEFAULT_TIMEOUT_SECONDS)) * 1000,
  };
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args: [...args],
    options: {
      url: text,
      images: text,
      requests: text,
      concurrency: text,
      field: text,
      expect: text,
      output: text,
      'idempotency-keys': { type: 'boolean' },
      timeout: text,
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw fault(`--${name} is missing`);
  return value;
}

function seconds(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value === 0) {
    throw fault(`--${name} ${text}: must be a number of seconds above 0`);
  }
  return value;
}
