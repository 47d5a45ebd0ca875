import { bodyFault } from '../connections/unreadable-request.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { ByteShare, UploadStop } from './byte-budget.ts';
import { noRoom, type BodySink } from './form-file.ts';
import { UPLOAD_PACE } from './pace.ts';

/** The client disconnected during its upload. */
export interface Disconnected {
  kind: 'disconnected';
}

export interface UploadBody {
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** Reads a body to its end. It reads no more than the limit, and ends when the share is stopped. */
export async function receiveBody<Received>(
  body: UploadBody,
  sink: BodySink<Received>,
  limit: { bytes: number; exceeded: Refusal },
  share: Pick<ByteShare, 'stop' | 'progress' | 'complete'>,
): Promise<Received | Refusal | Disconnected> {
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
    if (received > limit.bytes) return limit.exceeded;
    const refusal = await sink.write(chunk);
    if (refusal !== undefined) return refusal;
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
