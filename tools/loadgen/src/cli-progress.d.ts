/** The part of cli-progress that is used here; the package brings no types. */
declare module 'cli-progress' {
  interface Options {
    format?: string;
    stream?: NodeJS.WritableStream;
    hideCursor?: boolean;
  }
  interface Bar {
    update(value: number, payload?: Readonly<Record<string, unknown>>): void;
  }
  interface MultiBar {
    create(total: number, start: number, payload?: Readonly<Record<string, unknown>>): Bar;
    /** Writes above the bars; a line ends in a newline. */
    log(text: string): void;
    stop(): void;
  }
  const cliProgress: { MultiBar: new (options: Options) => MultiBar };
  export default cliProgress;
}
