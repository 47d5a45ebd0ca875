/** What was promised and is not so. */
export class Violation extends Error {
  /** What it is about: a message, an object, an instance. */
  readonly subject: string;
  constructor(subject: string, what: string) {
    super(`${subject}: ${what}`);
    this.subject = subject;
  }
}

/** What has happened, so that a violation can be told with what led to it. */
export class History {
  readonly #lines: { atMs: number; subject: string; event: string }[] = [];

  note(subject: string, event: string): void {
    this.#lines.push({ atMs: Date.now(), subject, event });
  }

  /** The events of one subject, the kills between them. */
  of(subject: string): string[] {
    return this.#lines
      .filter((line) => line.subject === subject || line.subject === SERVER)
      .map(({ atMs, event }) => `${new Date(atMs).toISOString()} ${event}`)
      .filter((line, index, all) => isTelling(line) || isTelling(all[index + 1] ?? ''));
  }
}

export const SERVER = 'server';

/** Of a row of kills in which nothing happened to the subject the last one tells enough. */
const isTelling = (line: string) => line !== '' && !line.includes(SERVER);
