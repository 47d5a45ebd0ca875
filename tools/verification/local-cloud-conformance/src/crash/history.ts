/** A broken promise of the local cloud. */
export class Violation extends Error {
  /** The message, object or instance. */
  readonly subject: string;
  constructor(subject: string, what: string) {
    super(`${subject}: ${what}`);
    this.subject = subject;
  }
}

/** The outcome of a call for its client. Unknown: the server was killed, so the call may have had its effect or not. */
export type Attempt<T> = { kind: 'done'; value: T } | { kind: 'refused' | 'unknown' };

/** Runs a call of an SDK client without retries. */
export async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await call() };
  } catch (error) {
    return { kind: isRefusal(error) ? 'refused' : 'unknown' };
  }
}

function isRefusal(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

const SERVER = 'server';

/** The events of a run, which explain a violation. */
export class History {
  readonly #lines: { atMs: number; subject: string; event: string }[] = [];

  note(subject: string, event: string): void {
    this.#lines.push({ atMs: Date.now(), subject, event });
  }

  noteServer(event: string): void {
    this.note(SERVER, `${SERVER} ${event}`);
  }

  /** Runs a call and notes how it ended. */
  async attempt<T>(subject: string, what: string, call: () => Promise<T>): Promise<Attempt<T>> {
    const result = await attempt(call);
    this.note(subject, `${what}: ${result.kind}`);
    return result;
  }

  /** The events of one subject and the kills between them. */
  of(subject: string): string[] {
    return this.#lines
      .filter((line) => line.subject === subject || line.subject === SERVER)
      .map(({ atMs, event }) => `${new Date(atMs).toISOString()} ${event}`)
      .filter((_, index, all) => [-1, 0, 1].some((step) => isOfSubject(all[index + step])));
  }
}

/** Of consecutive kills without an event of the subject only the first and the last are shown. */
const isOfSubject = (line: string | undefined) => line !== undefined && !line.includes(SERVER);
