import { identifyImage } from '@labelfleet/contracts/image-file';
import { refuse, type Refusal } from '../http/problem.ts';
import { bodyFault } from '../connections/unreadable-request.ts';
import type { ByteShare, UploadStop } from './byte-budget.ts';
import { shownFileName } from './file-name.ts';
import { formFile, noRoom, rawFile, type BodySink, type ReceivedFile } from './form-file.ts';
import { UPLOAD_PACE } from './pace.ts';
import { refuseCoding } from './refuse-coding.ts';

/** The most that a multipart form may add to its image: part headers and other fields. */
export const FORM_OVERHEAD_BYTES = 65_536;

interface UploadRequest {
  body: { read(signal: AbortSignal): Promise<Uint8Array | undefined> };
  contentType: string | undefined;
  /** Undefined for a chunked body. */
  contentLength: number | undefined;
  contentEncoding: string | undefined;
  transferEncoding: string | undefined;
}

export interface Upload {
  kind: 'image';
  bytes: Uint8Array;
  /** Identified by the bytes; the declared type is ignored. */
  mediaType: string;
  fileName: string | undefined;
}

/** `disconnected`: the client disconnected during its upload. */
type UploadOutcome = Upload | Refusal | { kind: 'disconnected' };

/**
 * Reads the one image of a request: the file in a multipart form, or the body itself. It reads no more than the limit,
 * nothing if the headers already show a fault, and takes the memory it holds from the share.
 */
export async function readUpload(
  request: UploadRequest,
  { maxImageBytes }: { maxImageBytes: number },
  share: ByteShare,
): Promise<UploadOutcome> {
  const coding = refuseCoding(request);
  if (coding !== undefined) return coding;
  const isForm = /^multipart\/form-data\s*(;|$)/i.test(request.contentType ?? '');
  const limitBytes = maxImageBytes + (isForm ? FORM_OVERHEAD_BYTES : 0);
  const expectedBytes = request.contentLength ?? limitBytes;
  if (expectedBytes > limitBytes) return tooLarge(maxImageBytes);
  const sink = isForm
    ? openForm(request.contentType ?? '', share, expectedBytes)
    : rawFile(share, expectedBytes);
  if ('code' in sink) return sink;
  const file = await receive(request.body, sink, { limitBytes, maxImageBytes }, share);
  return file.kind === 'file' ? judge(file, maxImageBytes) : file;
}

function openForm(
  contentType: string,
  share: ByteShare,
  expectedBytes: number,
): BodySink | Refusal {
  try {
    return formFile(contentType, share, expectedBytes);
  } catch (error) {
    return refuse('missing-image', `The Content-Type is invalid: ${(error as Error).message}.`);
  }
}

async function receive(
  body: UploadRequest['body'],
  sink: BodySink,
  { limitBytes, maxImageBytes }: { limitBytes: number; maxImageBytes: number },
  share: ByteShare,
): Promise<ReceivedFile | Refusal | { kind: 'disconnected' }> {
  let received = 0;
  for (;;) {
    let chunk: Uint8Array | undefined;
    try {
      chunk = await body.read(share.stop);
    } catch (error) {
      if (share.stop.aborted) return STOPPED[share.stop.reason as UploadStop];
      return bodyFault(error) ?? { kind: 'disconnected' };
    }
    if (chunk === undefined) break;
    share.progress(chunk.length);
    received += chunk.length;
    if (received > limitBytes) return tooLarge(maxImageBytes);
    const refusal = await sink.write(chunk);
    if (refusal !== undefined) return refusal;
    // The rest of the form counts too.
    if (!share.take(Math.max(0, received - share.bytes))) return noRoom;
  }
  share.complete();
  return sink.end();
}

const STOPPED: Record<UploadStop, Refusal> = {
  'no-room': noRoom,
  'too-slow': refuse(
    'request-timeout',
    `The upload fell ${UPLOAD_PACE.graceMs / 1_000} s behind the lowest rate, ${UPLOAD_PACE.minBytesPerSecond} bytes/s, and was stopped. Send the image again, over a faster connection or as a smaller file.`,
  ),
};

function judge(file: ReceivedFile, maxImageBytes: number): Upload | Refusal {
  const { bytes, encoding } = file;
  if (bytes.length === 0) {
    return refuse('missing-image', 'The file is empty: it has 0 bytes. Send an image.');
  }
  if (bytes.length > maxImageBytes) return tooLarge(maxImageBytes);
  const type = identifyImage(bytes);
  if (type.kind === 'other') {
    const supported = 'The file must be a JPEG, PNG, WebP, GIF, AVIF or TIFF image.';
    const sentences = [supported, type.guess, encodedText(encoding)].filter((text) => text !== '');
    return refuse('unsupported-media-type', sentences.join(' '));
  }
  return {
    kind: 'image',
    bytes,
    mediaType: type.mediaType,
    fileName: shownFileName(file.fileName),
  };
}

/** Explains a file that is no image because its part is encoded. */
const encodedText = (encoding: string | undefined) =>
  encoding === 'base64' || encoding === 'quoted-printable'
    ? `Its part has Content-Transfer-Encoding: ${encoding}; send the bytes of the image without it.`
    : '';

const tooLarge = (maxImageBytes: number) =>
  refuse(
    'payload-too-large',
    `The image is larger than ${maxImageBytes} bytes. Send a smaller one.`,
  );
