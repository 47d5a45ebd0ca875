import { commandLine } from '@labelfleet/runtime';
import { resolve } from 'node:path';

export const USAGE = `usage: npm run evaluate:classic -- [options]

Starts the product on the local cloud as the classic course project is set up, runs its four test cases, and
writes a report with pictures.

  --images N,...    how many images to send, one number for each round (default: 10,100)
  --threads N       how many images are sent at once (default: 100)
  --max-workers N   largest number of instances (default: 20)
  --boot N          seconds for which an instance is pending (default: 5)
  --within N        seconds in which each round must be answered (default: 300)
  --out FOLDER      folder of the report (default: .labelfleet/classic/<time>)

Exit code: 0 if all cases pass, 1 if one fails.`;

const { fault, parse, whole } = commandLine(USAGE);

/** The buckets are compared by one listing each, and an S3 listing has at most this many keys. */
const MOST_IMAGES = 1000;

export interface ClassicOptions {
  /** One number for each round. */
  images: number[];
  threads: number;
  maxWorkers: number;
  bootSeconds: number;
  withinSeconds: number;
  /** Undefined: a folder that is named by the time. */
  out: string | undefined;
}

/** Parses the command line; returns `help` for --help. @throws StartError that names the fault */
export function parseOptions(args: readonly string[], cwd: string): ClassicOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parse({
    args: [...args],
    options: {
      images: { ...text, default: '10,100' },
      threads: { ...text, default: '100' },
      'max-workers': { ...text, default: '20' },
      boot: { ...text, default: '5' },
      within: { ...text, default: '300' },
      out: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const images: number[] = values.images
    .split(',')
    .map((number: string) => whole('--images', number, 1));
  if (new Set(images).size < images.length)
    throw fault(`--images ${values.images}: must be different numbers`);
  if (images.reduce((sum, number) => sum + number, 0) > MOST_IMAGES)
    throw fault(`--images ${values.images}: must be at most ${MOST_IMAGES} images in all`);
  return {
    images,
    threads: whole('--threads', values.threads, 1),
    maxWorkers: whole('--max-workers', values['max-workers'], 1),
    bootSeconds: whole('--boot', values.boot, 0),
    withinSeconds: whole('--within', values.within, 1),
    out: values.out && resolve(cwd, values.out),
  };
}
