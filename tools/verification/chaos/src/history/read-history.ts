import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import * as z from 'zod';
import { eventSchema, type HistoryEvent } from './event.ts';

/** @throws StartError that names the line that is not an event */
export async function readHistory(path: string): Promise<HistoryEvent[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`Cannot read the history: ${String(error)}`, EXIT.noInput);
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const parsed = eventSchema.safeParse(jsonOrUndefined(line));
      if (parsed.success) return parsed.data;
      const wrong = z.prettifyError(parsed.error);
      throw new StartError(`${path}, line ${index + 1}: ${wrong}`, EXIT.noInput);
    });
}
