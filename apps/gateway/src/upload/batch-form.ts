import { refuse, type Refusal } from '../http/problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { noRoom, type BodySink } from './form-file.ts';
import { parseForm } from './form-parts.ts';
import { GrowingBytes } from './growing-bytes.ts';

/** One file of a batch. Its bytes are `too-large` if there are more than an image may have. */
export interface BatchFile {
  index: number;
  field: string | undefined;
  fileName: string | undefined;
  encoding: string;
  bytes: Uint8Array | 'too-large';
}

/** Handles a file whose bytes are complete. They are given back when it resolves. A refusal ends the batch. */
export type HandleFile = (file: BatchFile) => Promise<Refusal | undefined>;

export interface BatchLimits {
  maxImageBytes: number;
  maxImages: number;
}

/** While so many files or bytes are being handled, the form is not read on. */
const MAX_HANDLED_FILES = 16;
const MAX_HANDLED_BYTES = 16_777_216;

const NO_BUFFER = Buffer.alloc(0);

/** Fields and empty file inputs are parts too, and few are needed. */
const EXTRA_PARTS = 100;

const noImage = refuse(
  'missing-image',
  'The batch has no image. Send each image as a part with a file name.',
);
export const tooManyImages = (maxImages: number) =>
  refuse(
    'too-many-images',
    `The batch has more than ${maxImages} images. Send the others in another batch.`,
  );

interface BatchSink extends BodySink<{ kind: 'files' }> {
  /** Resolves when the files whose bytes are complete were handled. @throws the error of one that could not be */
  settled(): Promise<Refusal | undefined>;
}

/** A form with several images under any field names, each handled as soon as its part has ended. */
export function batchForm(
  contentType: string,
  share: Pick<ByteShare, 'take' | 'detach' | 'pauseFor'>,
  { maxImageBytes, maxImages }: BatchLimits,
  handle: HandleFile,
): BatchSink | Refusal {
  const handled = new Set<Promise<void>>();
  let handledBytes = 0;
  let files = 0;
  let fault: Refusal | undefined;
  let failure: { error: unknown } | undefined;

  // Used again, because garbage of this size is collected late. The share holds them.
  const free: Buffer[] = [];

  const begin = (file: BatchFile, buffer: Buffer) => {
    const held = share.detach(buffer.length);
    handledBytes += buffer.length;
    const ended = handle(file)
      .then(
        (refusal) => void (fault ??= refusal),
        (error: unknown) => void (failure ??= { error }),
      )
      .then(() => {
        handledBytes -= buffer.length;
        held[Symbol.dispose]();
        handled.delete(ended);
        // After a failed call the SDK may still send from it.
        const isUnused = fault === undefined && failure === undefined;
        if (isUnused && share.take(buffer.length)) free.push(buffer);
      });
    handled.add(ended);
  };
  const form = parseForm(contentType, {
    maxParts: maxImages + EXTRA_PARTS,
    openFile: ({ field, fileName, encoding }) => {
      let body: GrowingBytes | undefined = new GrowingBytes(share, maxImageBytes, free.pop());
      return {
        add: (chunk) => {
          if (body === undefined) return undefined;
          if (body.bytes.length + chunk.length > maxImageBytes) {
            free.push(body.buffer);
            body = undefined;
            return undefined;
          }
          return body.add(chunk) ? undefined : noRoom;
        },
        end: () => {
          if (fault !== undefined) return fault;
          const { bytes, buffer } = body ?? { bytes: 'too-large' as const, buffer: NO_BUFFER };
          body = undefined;
          // Browsers send no name and no bytes for a file input that was left empty.
          if (fileName === undefined && bytes.length === 0) return void free.push(buffer);
          if (files === maxImages) return tooManyImages(maxImages);
          begin({ index: files++, field, fileName, encoding, bytes }, buffer);
          return undefined;
        },
      };
    },
  });
  if (form.kind === 'refused') return form;

  const settled = async () => {
    await Promise.all(handled);
    if (failure !== undefined) throw failure.error;
    return fault;
  };
  return {
    write: async (chunk) => {
      const refusal = await form.write(chunk);
      fault ??= refusal;
      while (handled.size >= MAX_HANDLED_FILES || handledBytes >= MAX_HANDLED_BYTES)
        await share.pauseFor(Promise.race(handled));
      return fault === undefined && failure === undefined ? undefined : settled();
    },
    end: async () => {
      const refusal = await form.end();
      fault ??= refusal;
      return (await settled()) ?? (files === 0 ? noImage : { kind: 'files' });
    },
    settled,
  };
}
