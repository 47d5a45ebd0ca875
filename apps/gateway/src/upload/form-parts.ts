import { Busboy } from '@fastify/busboy';
import { refuse, type Refusal } from '../http/problem.ts';

/** The headers of a part that is a file: it has a file name, an image type, or application/octet-stream. */
export interface FilePart {
  field: string | undefined;
  fileName: string | undefined;
  /** Declared by the caller and not trusted. */
  type: string;
  /** The Content-Transfer-Encoding. */
  encoding: string;
}

/** Receives the bytes of one file. A refusal ends the whole form. */
interface FileSink {
  add(chunk: Uint8Array): Refusal | undefined;
  end(): Refusal | undefined;
}

interface FormHandlers {
  maxParts: number;
  openFile: (part: FilePart) => FileSink;
  onField?: (name: string) => void;
}

/** Only the names of fields are used, in error texts. */
const MAX_FIELD_BYTES = 1_024;

const malformed = refuse(
  'missing-image',
  'The multipart form is malformed or incomplete. Each part must begin with -- and the boundary in the Content-Type, lines must end in CRLF, and the form must end with --, the boundary and --.',
);
const tooManyParts = (maxParts: number) =>
  refuse(
    'invalid-parameter',
    `The multipart form has more than ${maxParts} parts. Send the image and fewer fields.`,
  );
const invalidType = (error: Error) =>
  refuse('missing-image', `The Content-Type is invalid: ${error.message}.`);

/** Parses a multipart form as it arrives. @returns a refusal if the content type has no boundary */
export function parseForm(
  contentType: string,
  { maxParts, openFile, onField }: FormHandlers,
): FormParser | Refusal {
  let form: InstanceType<typeof Busboy>;
  try {
    form = new Busboy({
      headers: { 'content-type': contentType },
      limits: { parts: maxParts, fieldSize: MAX_FIELD_BYTES },
      // A part with an image type is a file even if it has no file name.
      isPartAFile: (_field, type, name) =>
        name !== undefined ||
        type === 'application/octet-stream' ||
        (type ?? '').startsWith('image/'),
    });
  } catch (error) {
    return invalidType(error as Error);
  }
  let fault: Refusal | undefined;
  const finished = new Promise<void>((resolve) => {
    const fail = (refusal: Refusal | undefined) => {
      if (refusal === undefined) return;
      fault ??= refusal;
      resolve();
    };
    form.on('error', () => fail(malformed));
    form.on('finish', () => resolve());
    form.on('partsLimit', () => fail(tooManyParts(maxParts)));
    form.on('field', (name) => onField?.(name));
    form.on('file', (field, stream, fileName, encoding, type) => {
      const file = openFile({ field, fileName: fileName || undefined, type, encoding });
      stream.on('error', () => fail(malformed));
      stream.on('data', (chunk: Uint8Array) => fail(file.add(chunk)));
      stream.on('end', () => fail(file.end()));
    });
  });
  return {
    kind: 'parser',
    write: async (chunk) => {
      await new Promise((resolve) => form.write(chunk, resolve));
      return fault;
    },
    end: async () => {
      form.end();
      await finished;
      return fault;
    },
  };
}

export interface FormParser {
  kind: 'parser';
  write(chunk: Uint8Array): Promise<Refusal | undefined>;
  /** Resolves when the last part has ended. */
  end(): Promise<Refusal | undefined>;
}
