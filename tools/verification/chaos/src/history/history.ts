import { EXIT, StartError } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import { appendFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { eventSchema, type Happening, type HistoryEvent } from './event.ts';

/** A file with one event a line, written at once, so that an interrupted run leaves a history too. */
export class History {
  readonly path: string;
  readonly #events: HistoryEvent[] = [];

  /** @param path a file to create or overwrite */
  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  note(happening: Happening, at: number = Date.now()): void {
    const event: HistoryEvent = { ...happening, at };
    this.#events.push(event);
    appendFileSync(this.path, `${JSON.stringify(event)}\n`);
  }
}

/** @throws StartError that names the line that is not an event */
export async function readHistory(path: string): Promise<HistoryEvent[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`Cannot read the history: ${String(error)}`, EXIT.noInput);
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    const parsed = eventSchema.safeParse(jsonOrUndefined(line));
    if (parsed.success) return parsed.data;
    const wrong = z.prettifyError(parsed.error);
    throw new StartError(`${path}, line ${index + 1}: ${wrong}`, EXIT.noInput);
  });
}
