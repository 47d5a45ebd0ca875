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
      .filter((_, index, all) => [-1, 0, 1].some((step) => isTelling(all[index + step])));
  }
}

export const SERVER = 'server';

/** Of a row of kills in which nothing happened to the subject the first and the last tell enough. */
const isTelling = (line: string | undefined) => line !== undefined && !line.includes(SERVER);
