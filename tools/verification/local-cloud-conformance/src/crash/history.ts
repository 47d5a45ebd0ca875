/** A broken promise of the local cloud. */
export class Violation extends Error {
  /** The message, object or instance. */
  readonly subject: string;
  constructor(subject: string, what: string) {
    super(`${subject}: ${what}`);
    this.subject = subject;
  }
}

/** The events of a run, which explain a violation. */
export class History {
  readonly #lines: { atMs: number; subject: string; event: string }[] = [];

  note(subject: string, event: string): void {
    this.#lines.push({ atMs: Date.now(), subject, event });
  }

  /** The events of one subject and the kills between them. */
  of(subject: string): string[] {
    return this.#lines
      .filter((line) => line.subject === subject || line.subject === SERVER)
      .map(({ atMs, event }) => `${new Date(atMs).toISOString()} ${event}`)
      .filter((_, index, all) => [-1, 0, 1].some((step) => isOfSubject(all[index + step])));
  }
}

export const SERVER = 'server';

/** Of consecutive kills without an event of the subject only the first and the last are shown. */
const isOfSubject = (line: string | undefined) => line !== undefined && !line.includes(SERVER);
