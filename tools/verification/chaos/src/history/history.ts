import { appendFileSync, writeFileSync } from 'node:fs';
import type { Happening, HistoryEvent } from './event.ts';

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
