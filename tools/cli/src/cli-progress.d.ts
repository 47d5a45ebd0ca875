/** The part of cli-progress that is used here; the package brings no types. */
declare module 'cli-progress' {
  interface Options {
    format?: string;
    linewrap?: boolean;
    stream?: NodeJS.WritableStream;
  }
  interface Bar {
    start(total: number, value: number, payload?: Readonly<Record<string, unknown>>): void;
    update(value: number, payload?: Readonly<Record<string, unknown>>): void;
    stop(): void;
  }
  const cliProgress: { SingleBar: new (options: Options) => Bar };
  export default cliProgress;
}
