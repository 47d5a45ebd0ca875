import { Busboy } from '@fastify/busboy';
import { refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { chooseFile, type FormFile } from './choose-file.ts';
import { GrowingBytes } from './growing-bytes.ts';

/** Receives the bytes of a body. */
export interface BodySink {
  /** Takes the next bytes. */
  write(chunk: Uint8Array): Promise<Refusal | undefined>;
  /** To be called at the end of the body. @returns the file in it */
  end(): Promise<ReceivedFile | Refusal>;
}

export interface ReceivedFile {
  kind: 'file';
  bytes: Uint8Array;
  /** As the caller sent it. */
  fileName: string | undefined;
  /** The Content-Transfer-Encoding of its part; undefined if the body is the file. */
  encoding?: string;
}

type Room = Pick<ByteShare, 'take'>;

/** Each part costs time however small it is, and a form with one image needs few. */
const MAX_PARTS = 100;
/** Only the names of fields are used, in error texts. */
const MAX_FIELD_BYTES = 1_024;

export const noRoom = refuseOverloaded(
  'Uploads hold all the memory that they may. Send the image again after the time in Retry-After.',
);

/** A body that is the file. @param expectedBytes the declared length */
export function rawFile(room: Room, expectedBytes: number): BodySink {
  const body = new GrowingBytes(room, expectedBytes);
  return {
    write: async (chunk) => (body.add(chunk) ? undefined : noRoom),
    end: async () =>
      body.bytes.length > 0
        ? { kind: 'file', bytes: body.bytes, fileName: undefined }
        : refuse(
            'missing-image',
            'The body is empty. Send the image as the body, or as a file in a multipart/form-data form.',
          ),
  };
}

const malformed = refuse(
  'missing-image',
  'The multipart form is malformed or incomplete. Each part must begin with -- and the boundary in the Content-Type, lines must end in CRLF, and the form must end with --, the boundary and --.',
);
const tooManyParts = refuse(
  'invalid-parameter',
  `The multipart form has more than ${MAX_PARTS} parts. Send the image and fewer fields.`,
);

/**
 * A multipart form with one image under any field name. Other fields and files are ignored.
 * @throws if the content type has no boundary
 */
export function formFile(contentType: string, room: Room, expectedBytes: number): BodySink {
  const files: (FormFile & { body: GrowingBytes })[] = [];
  const fields: string[] = [];
  const form = new Busboy({
    headers: { 'content-type': contentType },
    limits: { parts: MAX_PARTS, fieldSize: MAX_FIELD_BYTES },
    // A part with an image type is a file even if it has no file name.
    isPartAFile: (_field, type, name) =>
      name !== undefined ||
      type === 'application/octet-stream' ||
      (type ?? '').startsWith('image/'),
  });
  let fault: Refusal | undefined;
  const finished = new Promise<void>((resolve) => {
    const fail = (refusal: Refusal) => {
      fault ??= refusal;
      resolve();
    };
    form.on('error', () => fail(malformed));
    form.on('finish', () => resolve());
    form.on('partsLimit', () => fail(tooManyParts));
    form.on('field', (name) => fields.push(name));
    form.on('file', (field, stream, fileName, encoding, type) => {
      const body = new GrowingBytes(room, expectedBytes);
      const bytes = () => body.bytes;
      files.push({ body, bytes, field, fileName: fileName || undefined, type, encoding });
      stream.on('error', () => fail(malformed));
      stream.on('data', (chunk: Uint8Array) => {
        if (!body.add(chunk)) fail(noRoom);
      });
    });
  });
  return {
    write: async (chunk) => {
      await new Promise((resolve) => form.write(chunk, resolve));
      return fault;
    },
    end: async () => {
      form.end();
      await finished;
      if (fault !== undefined) return fault;
      const chosen = chooseFile(files, fields);
      if ('code' in chosen) return chosen;
      const { fileName, encoding } = chosen;
      return { kind: 'file', bytes: chosen.bytes(), fileName, encoding };
    },
  };
}
