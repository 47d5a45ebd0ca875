import type { Refusal } from '../http/problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { formFile, rawFile } from './form-file.ts';
import { imageTooLarge, judgeFile, type Upload } from './judge-file.ts';
import { receiveBody, type Disconnected, type UploadBody } from './receive-body.ts';
import { refuseCoding } from './refuse-coding.ts';

/** The most that a multipart form may add to its image: part headers and other fields. */
export const FORM_OVERHEAD_BYTES = 65_536;

export interface UploadRequest {
  body: UploadBody;
  contentType: string | undefined;
  /** Undefined for a chunked body. */
  contentLength: number | undefined;
  contentEncoding: string | undefined;
  transferEncoding: string | undefined;
}

export const isForm = (contentType: string | undefined): boolean =>
  /^multipart\/form-data\s*(;|$)/i.test(contentType ?? '');

/**
 * Reads the one image of a request: the file in a multipart form, or the body itself. It reads no more than the limit,
 * nothing if the headers already show a fault, and takes the memory it holds from the share.
 */
export async function readUpload(
  request: UploadRequest,
  { maxImageBytes }: { maxImageBytes: number },
  share: ByteShare,
): Promise<Upload | Refusal | Disconnected> {
  const coding = refuseCoding(request);
  if (coding !== undefined) return coding;
  const { contentType = '' } = request;
  const bytes = maxImageBytes + (isForm(contentType) ? FORM_OVERHEAD_BYTES : 0);
  const exceeded = imageTooLarge(maxImageBytes);
  const expectedBytes = request.contentLength ?? bytes;
  if (expectedBytes > bytes) return exceeded;
  const sink = isForm(contentType)
    ? formFile(contentType, share, expectedBytes)
    : rawFile(share, expectedBytes);
  if ('code' in sink) return sink;
  const file = await receiveBody(request.body, sink, { bytes, exceeded }, share);
  return file.kind === 'file' ? judgeFile(file, maxImageBytes) : file;
}
