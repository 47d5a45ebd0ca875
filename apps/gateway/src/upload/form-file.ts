import { Busboy } from '@fastify/busboy';
import { refuse, type Refusal } from '../problem.ts';

/** Where the bytes of a body go, whatever form it has. */
export interface BodySink {
  /** Takes the next bytes of the body. */
  write(chunk: Uint8Array): Promise<Refusal | undefined>;
  /** The body has ended: the file that was in it. */
  end(): Promise<ReceivedFile | Refusal>;
}

export interface ReceivedFile {
  kind: 'file';
  chunks: Uint8Array[];
  /** As the caller gave it. */
  fileName: string | undefined;
}

/** A body that is the file itself. */
export function rawFile(): BodySink {
  const file: ReceivedFile = { kind: 'file', chunks: [], fileName: undefined };
  return {
    write: async (chunk) => void file.chunks.push(chunk),
    end: async () =>
      file.chunks.length > 0
        ? file
        : refuse('missing-image', 'Nothing was sent: an image goes into a form, or is the body.'),
  };
}

/**
 * A multipart form with one file under any field name. Other fields are passed over.
 * @throws where the content type names no boundary
 */
export function formFile(contentType: string): BodySink {
  const files: ReceivedFile[] = [];
  const form = new Busboy({
    headers: { 'content-type': contentType },
    // A part of an image's type is a file, even where the caller left out its name.
    isPartAFile: (_field, type, name) =>
      name !== undefined ||
      type === 'application/octet-stream' ||
      (type ?? '').startsWith('image/'),
  });
  const malformed = refuse('missing-image', 'The multipart form is malformed or was cut short.');
  const parsed = new Promise<Refusal | undefined>((resolve) => {
    const fail = () => resolve(malformed);
    form.on('error', fail);
    form.on('finish', () => resolve(undefined));
    form.on('file', (_field, stream, fileName) => {
      const file: ReceivedFile = { kind: 'file', chunks: [], fileName };
      files.push(file);
      stream.on('error', fail);
      stream.on('data', (chunk: Uint8Array) => file.chunks.push(chunk));
    });
  });
  const refusal = () =>
    files.length > 1
      ? refuse('invalid-parameter', 'More than one file was sent; this address takes one.')
      : undefined;
  return {
    write: async (chunk) => {
      await new Promise((resolve) => form.write(chunk, resolve));
      return refusal();
    },
    end: async () => {
      form.end();
      const none = refuse('missing-image', 'The multipart form has no file part.');
      return (await parsed) ?? refusal() ?? files[0] ?? none;
    },
  };
}
