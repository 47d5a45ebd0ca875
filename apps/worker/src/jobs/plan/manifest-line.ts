import {
  isReadable,
  MAX_IMAGE_ID_CHARS,
  makeProblem,
  type PageImage,
  type ProblemCode,
  type StoredJob,
} from '@labelfleet/contracts';
import * as z from 'zod';

/** The longest line of a manifest, in bytes. */
export const MAX_LINE_BYTES = 16 * 1024;
/** The longest key that S3 allows. */
const MAX_KEY_BYTES = 1024;
const EXPECTED = 'Write {"key": "s3://bucket/key", "id": "optional"} on it.';

type Job = Pick<StoredJob, 'id' | 'readable'>;

const lineSchema = z.object({
  key: z.string(),
  id: z.string().max(MAX_IMAGE_ID_CHARS).optional(),
});
const ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/s;

/**
 * Reads a line of a manifest; a broken one becomes an image with a problem.
 * @returns undefined for an empty line
 */
export function readManifestLine(job: Job, bytes: Uint8Array, line: number): PageImage | undefined {
  if (bytes.byteLength > MAX_LINE_BYTES) return tooLongLine(job, line);
  const broken = (what: string) =>
    problemOf(job, line, 'invalid-line', `Line ${line} of the manifest ${what} ${EXPECTED}`);
  const text = decodeUtf8(bytes);
  if (text === undefined) return broken('is not UTF-8.');
  if (text.trim() === '') return undefined;
  const json = parseJson(text);
  if (json === undefined) return broken('is not JSON.');
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) return broken(`is wrong: ${faultsIn(parsed.error)}.`);
  const { key: address, id } = parsed.data;
  const [, bucket, key] = ADDRESS.exec(address) ?? [];
  if (bucket === undefined || key === undefined || !key.isWellFormed())
    return broken(`has the key ${JSON.stringify(address)}, which is no address in S3.`);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    return broken(`has a key of over ${MAX_KEY_BYTES} bytes, which S3 does not allow.`);
  if (!isReadable(job, bucket, key))
    return problemOf(
      job,
      line,
      'forbidden',
      `Jobs may not read ${address}, which is on line ${line} of the manifest. Operator: add it to JOB_SOURCES if they may.`,
    );
  return { bucket, key, ...(id !== undefined && { id }) };
}

export const tooLongLine = (job: Job, line: number): PageImage =>
  problemOf(
    job,
    line,
    'invalid-line',
    `Line ${line} of the manifest is longer than ${MAX_LINE_BYTES} bytes. ${EXPECTED}`,
  );

const problemOf = (job: Job, line: number, code: ProblemCode, detail: string): PageImage => ({
  line,
  problem: makeProblem(code, job.id, detail),
});

const faultsIn = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
