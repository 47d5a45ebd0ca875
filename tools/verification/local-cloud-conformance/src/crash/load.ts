/** Clients of one kind that work until they are aborted and check all answers. */
export interface Load {
  readonly name: string;
  /** Creates the queue, bucket or template that it uses. */
  setUp(): Promise<void>;
  /** Works, even while the server is down. Rejects with a Violation. */
  run(signal: AbortSignal): Promise<void>;
  /** Checks the whole state while no client works. Rejects with a Violation. */
  check(): Promise<void>;
  /** Counts for the report. */
  figures(): Readonly<Record<string, number>>;
}
