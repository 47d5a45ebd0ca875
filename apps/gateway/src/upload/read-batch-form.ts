import { refuse, type Refusal } from '../http/problem.ts';
import { batchForm, type BatchLimits, type HandleFile } from './batch-form.ts';
import type { ByteShare } from './byte-budget.ts';
import { FORM_OVERHEAD_BYTES, type UploadRequest } from './read-upload.ts';
import { receiveBody, type Disconnected } from './receive-body.ts';

/**
 * Reads a multipart form with several images. At most a few of them are in memory at the same time. Resolves when
 * every file was handled, or the batch is refused.
 */
export async function readBatchForm(
  request: UploadRequest,
  limits: BatchLimits,
  share: ByteShare,
  handle: HandleFile,
): Promise<{ kind: 'files' } | Refusal | Disconnected> {
  const { maxImageBytes, maxImages } = limits;
  const bytes = maxImages * maxImageBytes + FORM_OVERHEAD_BYTES;
  const exceeded = refuse(
    'payload-too-large',
    `A batch may have ${maxImages} images of ${maxImageBytes} bytes. Send several batches.`,
  );
  if ((request.contentLength ?? 0) > bytes) return exceeded;
  const sink = batchForm(request.contentType ?? '', share, limits, handle);
  if ('code' in sink) return sink;
  const received = await receiveBody(request.body, sink, { bytes, exceeded }, share);
  await sink.settled();
  return received;
}
