import { MIN_PRECISION_RANGE, parseMinPrecision, requestIdSchema } from '@labelfleet/contracts';
import { commandLine } from '@labelfleet/runtime';
import { parseSource, type Source } from './source.ts';

export const USAGE = `Classifies many stored images as a job of a labelfleet service.

  npm run job -- s3://my-photos/2026/ --dry-run
  npm run job -- s3://my-photos/2026/ --out labels.jsonl
  npm run job -- ./holiday --out labels.csv
  npm run job -- status|cancel|results|errors ID
  npm run job -- list

SOURCE is s3://BUCKET/PREFIX, a manifest (s3://BUCKET/KEY.jsonl or a file FILE.jsonl, with {"key": "s3://…",
"id": "yours"} a line), or a folder. The images of a folder are uploaded first, with those of the folders below it,
without hidden files and links to folders, and their ids are their paths.

Shows the progress. Ctrl-C leaves the job running. The same command again continues an upload and follows a job that
is running. The exit code is 1 if an image could not be classified, or the job did not succeed.

  --dry-run     say what it will cost and how long it will take, and start nothing
  --out FILE    write the results to FILE.jsonl or FILE.csv when the job is completed
  --include P   only keys (or paths in the folder) that match P: * stands for any characters, ? for one, [ab] for
                one of them. May be repeated
  --exclude P   leave out what matches P. May be repeated
  --top-k N     how many labels an image gets (default: 1, at most 10)
  --min-precision P
                "unknown" instead of labels that are right less often than P (0.5 to 0.99) on held-out images
  --within TIME complete it within this time, such as 90m or 2h
  --max-cost N  stop when it has cost N USD
  --destination s3://BUCKET/PREFIX/
                where the service stores the results (default: its own bucket)
  --notify NAME notify this webhook receiver when it is completed
  --new         start another job, although one with the same arguments is running or its images have not changed
  --format F    of results and errors: jsonl or csv (default: by the name of --out, or jsonl)
  --url URL     the service (default: GATEWAY_URL, or the one that npm start runs here). LABELFLEET_API_KEY is its API
                key, if it needs one
  --help        print this text

A folder or a local manifest is uploaded to s3://INPUT_BUCKET/uploads/ with the variables of the AWS SDK, or to the
local cloud of npm start.`;

const { fault, httpUrl, parse, whole } = commandLine(USAGE);

type Format = 'jsonl' | 'csv';

interface Common {
  /** Undefined: GATEWAY_URL. */
  url: URL | undefined;
}

export interface RunOptions extends Common {
  command: 'run';
  source: Source;
  dryRun: boolean;
  out: { file: string; format: Format } | undefined;
  include: string[];
  exclude: string[];
  topK: number;
  minPrecision: number | undefined;
  completeWithinSeconds: number | undefined;
  maxCostUsd: number | undefined;
  destination: string | undefined;
  notify: string | undefined;
  new: boolean;
}

export interface DownloadOptions extends Common {
  command: 'results' | 'errors';
  id: string;
  format: Format;
  /** Undefined: standard output. */
  file: string | undefined;
}

export type Options =
  | 'help'
  | RunOptions
  | DownloadOptions
  | (Common & { command: 'status' | 'cancel'; id: string })
  | (Common & { command: 'list' });

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parseKnown(args);
  if (values.help) return 'help';
  const [first, ...rest] = positionals;
  const common = { url: values.url === undefined ? undefined : httpUrl('--url', values.url) };
  switch (first) {
    case undefined:
      throw fault('No source is given. Give s3://BUCKET/PREFIX or a folder.');
    case 'list':
      if (rest.length > 0) throw fault('list takes no arguments.');
      return { command: first, ...common };
    case 'status':
    case 'cancel':
      return { command: first, id: idOf(rest), ...common };
    case 'results':
    case 'errors': {
      const { out: file } = values;
      const format = formatOf(values.format, file) ?? 'jsonl';
      return { command: first, id: idOf(rest), format, file, ...common };
    }
    default:
      if (rest.length > 0) throw fault('Give one source.');
      return { command: 'run', source: sourceOf(first), ...runOptions(values), ...common };
  }
}

type Values = ReturnType<typeof parseKnown>['values'];

function parseKnown(args: string[]) {
  return parse({
    args,
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      out: { type: 'string' },
      include: { type: 'string', multiple: true, default: [] },
      exclude: { type: 'string', multiple: true, default: [] },
      'top-k': { type: 'string', default: '1' },
      'min-precision': { type: 'string' },
      within: { type: 'string' },
      'max-cost': { type: 'string' },
      destination: { type: 'string' },
      notify: { type: 'string' },
      new: { type: 'boolean', default: false },
      format: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

function runOptions(values: Values): Omit<RunOptions, 'command' | 'source' | 'url'> {
  const { out: file } = values;
  const format = formatOf(values.format, file);
  if (file !== undefined && format === undefined)
    throw fault(`--out ${file}: name a file .jsonl or .csv, or give --format.`);
  const topK = whole('--top-k', values['top-k'], 1);
  if (topK > 10) throw fault(`--top-k ${topK}: must be 10 at most.`);
  const demanded = values['min-precision'];
  const minPrecision = demanded === undefined ? undefined : parseMinPrecision(demanded);
  if (demanded !== undefined && minPrecision === undefined)
    throw fault(`--min-precision ${demanded}: ${MIN_PRECISION_RANGE}.`);
  return {
    dryRun: values['dry-run'],
    out: file === undefined || format === undefined ? undefined : { file, format },
    include: values.include,
    exclude: values.exclude,
    topK,
    minPrecision,
    completeWithinSeconds: values.within === undefined ? undefined : secondsOf(values.within),
    maxCostUsd: values['max-cost'] === undefined ? undefined : usdOf(values['max-cost']),
    destination: values.destination,
    notify: values.notify,
    new: values.new,
  };
}

function sourceOf(argument: string): Source {
  const source = parseSource(argument);
  if (source === undefined)
    throw fault(`${argument}: not an address of S3. Give s3://BUCKET/PREFIX.`);
  return source;
}

function idOf(positionals: string[]): string {
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw fault('Give the id of one job.');
  if (!requestIdSchema.safeParse(id).success)
    throw fault(`${id} is not a job id. Job ids are UUIDs of version 7 in lower case.`);
  return id;
}

function formatOf(given: string | undefined, file: string | undefined): Format | undefined {
  const format = given ?? /\.(jsonl|csv)$/.exec(file ?? '')?.[1];
  if (format === undefined || format === 'jsonl' || format === 'csv') return format;
  throw fault(`--format ${format}: must be jsonl or csv.`);
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

function secondsOf(time: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6}(?:\.\d+)?)([smhd])$/.exec(time) ?? [];
  const seconds = Number(number) * UNITS[(unit || 's') as keyof typeof UNITS];
  if (seconds > 0) return seconds;
  throw fault(`--within ${time}: give a time such as 90s, 45m, 2h or 1d.`);
}

function usdOf(amount: string): number {
  const usd = Number(amount.replace(/^\$/, ''));
  if (usd > 0 && Number.isFinite(usd)) return usd;
  throw fault(`--max-cost ${amount}: give an amount in USD, such as 5 or 0.50.`);
}
