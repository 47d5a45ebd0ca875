import { EXIT, StartError } from '@labelfleet/runtime';
import { open } from 'node:fs/promises';
import type { ClassifiedFile } from '../classify-files.ts';
import type { Format } from '../format.ts';

/** Where outcomes are written. */
export interface Output extends AsyncDisposable {
  /** The files that it already has. */
  readonly files: ReadonlySet<string>;
  /** Resolves when the outcome is written. */
  write(outcome: ClassifiedFile): Promise<void>;
}

export async function streamOutput(
  stream: NodeJS.WritableStream,
  { header, line }: Format,
): Promise<Output> {
  const write = (text: string) =>
    new Promise<void>((resolve, reject) => {
      stream.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
    });
  if (header !== undefined) await write(header);
  return {
    files: new Set(),
    write: (outcome) => write(line(outcome)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Appends to a file, and makes it if there is none. A last line that was not written to its end is removed.
 * @throws StartError if the file has another format
 */
export async function fileOutput(path: string, format: Format): Promise<Output> {
  await using opening = new AsyncDisposableStack();
  const file = opening.use(await open(path, 'a+'));
  const bytes = await file.readFile();
  const end = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.subarray(0, end).toString().split('\n').slice(0, -1);
  const files = new Set(filesOf(lines, format, path));
  await file.truncate(end);
  if (end === 0 && format.header !== undefined) await file.appendFile(`${format.header}\n`);
  const opened = opening.move();
  return {
    files,
    write: (outcome) => file.appendFile(`${format.line(outcome)}\n`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function filesOf(lines: string[], { header, fileOf }: Format, path: string): string[] {
  const fault = (what: string) =>
    new StartError(
      `${path} ${what}. Name another file, or give the options with which it was made.`,
      EXIT.cannotCreate,
    );
  const [first, ...rest] = lines;
  if (header !== undefined && first !== undefined && first !== header)
    throw fault(`does not begin with ${header}`);
  return (header === undefined ? lines : rest).map((line, index) => {
    const file = fileOf(line);
    if (file === undefined) throw fault(`has another format in line ${index + 1}`);
    return file;
  });
}
