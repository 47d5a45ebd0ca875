import { EXIT, StartError } from '@labelfleet/runtime';
import { appendFile, open, rename } from 'node:fs/promises';

/** Where every tick is written down, to be replayed. */
export interface TickLog {
  /** Without the end of the line. */
  append(line: string): Promise<AppendResult>;
}

type AppendResult = { kind: 'appended' } | { kind: 'failed'; detail: string };

const MAX_BYTES = 50_000_000;

/**
 * A file of JSON lines. When it has reached its size it becomes `<path>.1`, in the place of the one before:
 * a scaler that runs for ever keeps the last ticks, and never fills a disk.
 * @throws StartError when the file cannot be written
 */
export async function openTickLog(path: string, maxBytes = MAX_BYTES): Promise<TickLog> {
  let bytes = await currentSize(path);
  return {
    async append(line) {
      const text = `${line}\n`;
      const size = Buffer.byteLength(text);
      try {
        if (bytes > 0 && bytes + size > maxBytes) {
          await rename(path, `${path}.1`);
          bytes = 0;
        }
        await appendFile(path, text);
        bytes += size;
        return { kind: 'appended' };
      } catch (error) {
        return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

async function currentSize(path: string): Promise<number> {
  try {
    await using file = await open(path, 'a');
    return (await file.stat()).size;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`TICK_LOG=${path} cannot be written: ${reason}`, EXIT.cannotCreate, {
      cause: error,
    });
  }
}
