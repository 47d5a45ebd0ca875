import { isReference } from '../options.ts';

/** Where the images of a job come from, as the user says it. */
export type Source =
  | { kind: 'prefix'; prefix: string }
  | { kind: 'manifest'; address: string }
  | { kind: 'local-manifest'; file: string }
  | { kind: 'folder'; folder: string };

const ADDRESS = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/s;
const MANIFEST = /\.(jsonl|ndjson)$/;

/** Undefined: it begins like an address of S3, and is none. */
export function parseSource(argument: string): Source | undefined {
  if (!isReference(argument))
    return MANIFEST.test(argument)
      ? { kind: 'local-manifest', file: argument }
      : { kind: 'folder', folder: argument };
  if (!ADDRESS.test(argument)) return undefined;
  return MANIFEST.test(argument)
    ? { kind: 'manifest', address: argument }
    : { kind: 'prefix', prefix: argument };
}
