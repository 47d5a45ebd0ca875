import { LEAST_PRECISION, MAX_TOP_K, MOST_PRECISION, type BucketPart } from '@labelfleet/contracts';
import * as z from 'zod';
import { refuse, type Refusal } from '../../http/problem.ts';

/** `s3://bucket/prefix`. */
const PREFIX = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.{0,1024}))?$/s;
/** Room for the id of the job and the names of its parts, in a key of S3. */
const LONGEST_DESTINATION = 900;
const ONE_YEAR_SECONDS = 31_536_000;

const address = z.string().regex(PREFIX, 'must have the form s3://bucket/prefix');
const patterns = z.array(z.string().min(1).max(1024)).max(100);

/** The JSON body of a job. */
export const jobRequestSchema = z.strictObject({
  source: z
    .strictObject({
      prefix: address
        .optional()
        .meta({ description: '`s3://bucket/prefix`: every image below it' }),
      include: patterns.optional().meta({
        description: 'Patterns of keys, of which one must match. `*` also matches a slash.',
      }),
      exclude: patterns.optional().meta({ description: 'Patterns of keys that are left out' }),
      manifest: address.optional().meta({
        description:
          '`s3://bucket/key`: an object with `{"key": "s3://…", "id": "yours"}` on each line',
      }),
    })
    .refine(
      ({ prefix, manifest }) => (prefix === undefined) !== (manifest === undefined),
      'needs either prefix or manifest',
    )
    .refine(
      ({ manifest, include, exclude }) =>
        manifest === undefined || (include === undefined && exclude === undefined),
      'may have include and exclude with prefix only',
    ),
  topK: z.int().min(1).max(MAX_TOP_K).default(1),
  minPrecision: z.number().min(LEAST_PRECISION).max(MOST_PRECISION).optional(),
  completeWithinSeconds: z.number().positive().max(ONE_YEAR_SECONDS).optional(),
  maxCostUsd: z.number().positive().optional(),
  dryRun: z.boolean().default(false).meta({ description: 'Answer with the estimate only' }),
  destination: address
    .optional()
    .meta({ description: '`s3://bucket/prefix/`: where the parts are stored' }),
});
export type JobRequest = z.output<typeof jobRequestSchema>;

/** Where a job may read, and where it may write. */
export interface JobPlaces {
  /** JOB_SOURCES. */
  sources: readonly BucketPart[];
  /** JOB_DESTINATIONS; the first is the default. */
  destinations: readonly BucketPart[];
}

/** Where a job reads and writes, within what the operator allows. */
export interface LocatedJob {
  kind: 'located';
  source: BucketPart;
  destination: BucketPart;
}

export function locateJob(
  request: Pick<JobRequest, 'source' | 'destination'>,
  { sources, destinations }: JobPlaces,
): LocatedJob | Refusal {
  const { prefix, manifest } = request.source;
  const source = parseAddress(prefix ?? manifest ?? '');
  if (manifest !== undefined && source.prefix === '')
    return refuse('invalid-parameter', `${manifest} names no object. Write s3://bucket/key.`);
  if (!isWithin(source, sources))
    return refuse(
      'forbidden',
      `Jobs may not read ${written(source)}. The operator lists what they may read in JOB_SOURCES; ask for an entry, or copy the images to one of these: ${list(sources)}.`,
    );
  const destination =
    request.destination === undefined ? destinations[0] : asFolder(request.destination);
  if (destination === undefined || !isWithin(destination, destinations))
    return refuse(
      'forbidden',
      `Jobs may not write to ${request.destination ?? 'any bucket'}. The operator lists where they may write in JOB_DESTINATIONS: ${list(destinations)}.`,
    );
  if (Buffer.byteLength(destination.prefix) > LONGEST_DESTINATION)
    return refuse(
      'invalid-parameter',
      `The destination has more than ${LONGEST_DESTINATION} bytes. Choose a shorter prefix.`,
    );
  // The job would list its own parts.
  if (prefix !== undefined && isWithin(destination, [source]))
    return refuse(
      'invalid-parameter',
      `The destination ${written(destination)} lies in the source. Choose another prefix.`,
    );
  return { kind: 'located', source, destination };
}

function parseAddress(text: string): BucketPart {
  const [, bucket = '', prefix = ''] = PREFIX.exec(text) ?? [];
  return { bucket, prefix };
}

function asFolder(text: string): BucketPart {
  const { bucket, prefix } = parseAddress(text);
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

const isWithin = ({ bucket, prefix }: BucketPart, allowed: readonly BucketPart[]): boolean =>
  allowed.some((part) => part.bucket === bucket && prefix.startsWith(part.prefix));

const written = ({ bucket, prefix }: BucketPart): string => `s3://${bucket}/${prefix}`;
const list = (parts: readonly BucketPart[]): string => parts.map(written).join(', ') || 'none';
