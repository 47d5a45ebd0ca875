import { refuse, type Refusal } from '../http/problem.ts';

/** A bucket, or a folder in it, whose images callers may name instead of sending them. */
export interface ImageSource {
  bucket: string;
  /** Ends with a slash; empty for the whole bucket. */
  folder: string;
}

const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
const SOURCE = new RegExp(`^(${BUCKET})(?:/(.*?)/?)?$`);
const REFERENCE = new RegExp(`^s3://(${BUCKET})/(.{1,1024})$`, 's');

/** @returns undefined if the text is no bucket or bucket/folder */
export function parseImageSource(text: string): ImageSource | undefined {
  const [, bucket, folder = ''] = SOURCE.exec(text) ?? [];
  return bucket === undefined ? undefined : { bucket, folder: folder === '' ? '' : `${folder}/` };
}

/** The object that a reference names, if the operator allows it. */
export function locateImage(
  reference: string,
  sources: readonly ImageSource[],
): { kind: 'object'; bucket: string; key: string } | Refusal {
  const [, bucket, key] = REFERENCE.exec(reference) ?? [];
  if (bucket === undefined || key === undefined)
    return refuse('invalid-parameter', 'A reference to an image has the form s3://bucket/key.');
  const isAllowed = sources.some(
    (source) => source.bucket === bucket && key.startsWith(source.folder),
  );
  return isAllowed
    ? { kind: 'object', bucket, key }
    : refuse(
        'forbidden',
        `The operator does not allow images from s3://${bucket}/${key}. Ask for an entry in IMAGE_SOURCE_BUCKETS, or send the image itself.`,
      );
}
