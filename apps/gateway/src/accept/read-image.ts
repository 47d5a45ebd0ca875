import * as z from 'zod';
import type { Refusal } from '../http/problem.ts';
import type { ByteShare } from '../upload/byte-budget.ts';
import { judgeFile, type Upload } from '../upload/judge-file.ts';
import { isJson, readJson } from '../upload/read-json.ts';
import { readUpload, type UploadRequest } from '../upload/read-upload.ts';
import type { Disconnected } from '../upload/receive-body.ts';
import { refuseCoding } from '../upload/refuse-coding.ts';
import { fetchImage, type FetchImageDeps } from './fetch-image.ts';

export const referenceSchema = z
  .string()
  .max(1_100)
  .meta({ description: 'An `s3://bucket/key` that the operator allows' });

export const imageReferenceSchema = z.strictObject({ image: referenceSchema });

/** Reads the one image of a request: from its body, or from the bucket that a JSON body refers to. */
export async function readImage(
  deps: FetchImageDeps,
  request: UploadRequest,
  share: ByteShare,
): Promise<Upload | Refusal | Disconnected> {
  if (!isJson(request.contentType)) return readUpload(request, deps.limits, share);
  const coding = refuseCoding(request);
  if (coding !== undefined) return coding;
  const read = await readJson(request, imageReferenceSchema, share);
  if (read.kind !== 'json') return read;
  const file = await fetchImage(deps, read.value.image, share);
  return file.kind === 'file' ? judgeFile(file, deps.limits.maxImageBytes) : file;
}
