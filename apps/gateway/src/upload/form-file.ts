import { refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { ByteShare } from './byte-budget.ts';
import { chooseFile, type FormFile } from './choose-file.ts';
import { parseForm } from './form-parts.ts';
import { GrowingBytes } from './growing-bytes.ts';

/** Receives the bytes of a body. */
export interface BodySink<Received> {
  /** Takes the next bytes. */
  write(chunk: Uint8Array): Promise<Refusal | undefined>;
  /** To be called at the end of the body. @returns what was in it */
  end(): Promise<Received | Refusal>;
}

export interface ReceivedFile {
  kind: 'file';
  bytes: Uint8Array;
  /** As the caller sent it. */
  fileName: string | undefined;
  /** The Content-Transfer-Encoding of its part; undefined if the body is the file. */
  encoding?: string;
}

type Room = Pick<ByteShare, 'take' | 'bytes'>;

/** Each part costs time however small it is, and a form with one image needs few. */
const MAX_PARTS = 100;

export const noRoom = refuseOverloaded(
  'Uploads hold all the memory that they may. Send the image again after the time in Retry-After.',
);

const emptyBody = refuse(
  'missing-image',
  'The body is empty. Send the image as the body, or as a file in a multipart/form-data form.',
);

/** A body that is the file. @param expectedBytes the declared length */
export function rawFile(room: Room, expectedBytes: number): BodySink<ReceivedFile> {
  const body = new GrowingBytes(room, expectedBytes);
  return {
    write: async (chunk) => (body.add(chunk) ? undefined : noRoom),
    end: async () =>
      body.bytes.length > 0 ? { kind: 'file', bytes: body.bytes, fileName: undefined } : emptyBody,
  };
}

/** A multipart form with one image under any field name. Other fields and files are ignored. */
export function formFile(
  contentType: string,
  room: Room,
  expectedBytes: number,
): BodySink<ReceivedFile> | Refusal {
  const files: FormFile[] = [];
  const fields: string[] = [];
  const form = parseForm(contentType, {
    maxParts: MAX_PARTS,
    onField: (name) => fields.push(name),
    openFile: (part) => {
      const body = new GrowingBytes(room, expectedBytes);
      files.push({ ...part, bytes: () => body.bytes });
      return {
        add: (chunk) => (body.add(chunk) ? undefined : noRoom),
        end: () => undefined,
      };
    },
  });
  if (form.kind === 'refused') return form;
  let received = 0;
  return {
    write: async (chunk) => {
      const refusal = await form.write(chunk);
      if (refusal !== undefined) return refusal;
      received += chunk.length;
      // The rest of the form counts too.
      return room.take(Math.max(0, received - room.bytes)) ? undefined : noRoom;
    },
    end: async () => {
      const refusal = await form.end();
      if (refusal !== undefined) return refusal;
      const chosen = chooseFile(files, fields);
      if ('code' in chosen) return chosen;
      const { fileName, encoding } = chosen;
      return { kind: 'file', bytes: chosen.bytes(), fileName, encoding };
    },
  };
}
