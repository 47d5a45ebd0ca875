import { appendFileSync, writeFileSync } from 'node:fs';
import type { Happening, HistoryEvent } from './event.ts';

/** Where what happens is written down, a line for each event, at once: a run that is cut off has its history too. */
export class History {
  readonly path: string;
  readonly #events: HistoryEvent[] = [];

  /** @param path a file to be made, or made anew */
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
