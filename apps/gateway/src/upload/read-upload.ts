import { refuse, refuseOverloaded, type Refusal } from '../problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { shownFileName } from './file-name.ts';
import { formFile, rawFile, type BodySink, type ReceivedFile } from './form-file.ts';
import { sniffImage } from './sniff.ts';

/** What a multipart form may add around its image: part headers and other fields. */
export const FORM_OVERHEAD_BYTES = 65_536;

interface UploadRequest {
  body: { read(): Promise<Uint8Array | undefined> };
  contentType: string | undefined;
  /** Of the whole body; undefined where it comes in chunks. */
  contentLength: number | undefined;
}

export interface Upload {
  kind: 'image';
  bytes: Uint8Array;
  /** By its bytes, not by what the caller says. */
  mediaType: string;
  fileName: string | undefined;
}

/** `broken-off`: the client went away in the middle. */
type UploadOutcome = Upload | Refusal | { kind: 'broken-off' };

/**
 * Takes the one image of a request: the file of a multipart form, or the body itself. No more is read than
 * the limit allows, and every byte that is held is taken from the share.
 */
export async function readUpload(
  request: UploadRequest,
  { maxImageBytes }: { maxImageBytes: number },
  share: ByteShare,
): Promise<UploadOutcome> {
  const isForm = /^multipart\/form-data\s*(;|$)/i.test(request.contentType ?? '');
  const limitBytes = maxImageBytes + (isForm ? FORM_OVERHEAD_BYTES : 0);
  const sink = isForm ? openForm(request.contentType ?? '') : rawFile();
  if ('code' in sink) return sink;
  const file = await receive(request, sink, { limitBytes, maxImageBytes }, share);
  return file.kind === 'file' ? judge(file, maxImageBytes) : file;
}

function openForm(contentType: string): BodySink | Refusal {
  try {
    return formFile(contentType);
  } catch (error) {
    return refuse('missing-image', `The Content-Type cannot be used: ${(error as Error).message}.`);
  }
}

async function receive(
  { body, contentLength }: UploadRequest,
  sink: BodySink,
  { limitBytes, maxImageBytes }: { limitBytes: number; maxImageBytes: number },
  share: ByteShare,
): Promise<ReceivedFile | Refusal | { kind: 'broken-off' }> {
  const declared = contentLength ?? 0;
  if (declared > limitBytes) return tooLarge(maxImageBytes);
  if (!share.take(declared)) return noRoom;
  let received = 0;
  for (;;) {
    let chunk: Uint8Array | undefined;
    try {
      chunk = await body.read();
    } catch {
      return { kind: 'broken-off' };
    }
    if (chunk === undefined) return sink.end();
    const undeclared = Math.max(received + chunk.length - Math.max(declared, received), 0);
    received += chunk.length;
    if (received > limitBytes) return tooLarge(maxImageBytes);
    if (!share.take(undeclared)) return noRoom;
    const refusal = await sink.write(chunk);
    if (refusal !== undefined) return refusal;
  }
}

async function judge(file: ReceivedFile, maxImageBytes: number): Promise<Upload | Refusal> {
  const bytes = join(file.chunks);
  if (bytes.length === 0) return refuse('missing-image', 'The file is empty.');
  if (bytes.length > maxImageBytes) return tooLarge(maxImageBytes);
  const type = await sniffImage(bytes);
  if (type.kind === 'other') {
    const seems = type.seems === undefined ? '' : ` It seems to be ${type.seems}.`;
    return refuse(
      'unsupported-media-type',
      `The file must be a JPEG, PNG, WebP, GIF, AVIF or TIFF image.${seems}`,
    );
  }
  return {
    kind: 'image',
    bytes,
    mediaType: type.mediaType,
    fileName: shownFileName(file.fileName),
  };
}

/** In one piece; the chunk itself where there is only one. */
function join(chunks: Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

const tooLarge = (maxImageBytes: number) =>
  refuse('payload-too-large', `An image may have ${maxImageBytes} bytes at most.`);

const noRoom = refuseOverloaded('Too many uploads are under way. Try again shortly.');
