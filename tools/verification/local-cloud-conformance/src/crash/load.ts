/** Clients of one kind, which work until they are told to stop and check all that they are told. */
export interface Load {
  readonly name: string;
  /** Makes what it works on. */
  setUp(): Promise<void>;
  /** Works, whether the server is there or not. Rejects with a Violation. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks at all there is while nobody works. Rejects with a Violation. */
  check(): Promise<void>;
  /** What it has done, for the report. */
  figures(): Readonly<Record<string, number>>;
}
