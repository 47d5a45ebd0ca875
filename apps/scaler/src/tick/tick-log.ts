import { EXIT, StartError } from '@labelfleet/runtime';
import { appendFile, open, rename } from 'node:fs/promises';

/** A file that records every tick for replay. */
export interface TickLog {
  /** @param line without the end of the line */
  append(line: string): Promise<AppendResult>;
}

type AppendResult = { kind: 'appended' } | { kind: 'failed'; detail: string };

const MAX_BYTES = 50_000_000;

/**
 * Opens a file of JSON lines. At its maximum size the file is renamed to `<path>.1`, replacing the file there, so
 * that a scaler keeps the last ticks and never fills the disk.
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
