import cliProgress from 'cli-progress';

export interface Progress extends Disposable {
  update(done: number): void;
  /** Shows a short text behind the bar until the next one. */
  note(text: string): void;
  /** Writes a line above the bar. */
  line(text: string): void;
}

interface ProgressOptions {
  name: string;
  total: number;
  /** Formats an amount of work: `1.5 MB`. */
  formatAmount: (done: number) => string;
  /** Draws no bar, as if the stream were no terminal. */
  hidden?: boolean;
}

/** Draws a progress bar if the stream is a terminal, and nothing otherwise. */
export function openProgress(
  { name, total, formatAmount, hidden = false }: ProgressOptions,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
): Progress {
  if (stream.isTTY !== true || hidden) {
    return {
      update: () => undefined,
      note: () => undefined,
      line: (text) => void stream.write(`${text}\n`),
      [Symbol.dispose]: () => undefined,
    };
  }
  const bar = new cliProgress.SingleBar({
    stream,
    // If cli-progress disabled line wrapping, Ctrl-C would leave the terminal without it.
    linewrap: true,
    format: `${name} {bar} {percentage} %  {amount} of ${formatAmount(total)}  {eta_formatted} left  {note}`,
  });
  bar.start(total, 0, { amount: formatAmount(0), note: '' });
  return {
    // Erases the bar, which is drawn again below.
    line: (text) => void stream.write(`\r\x1b[K${text}\n`),
    note: (note) => bar.update({ note }),
    update: (done) => bar.update(done, { amount: formatAmount(done) }),
    [Symbol.dispose]: () => bar.stop(),
  };
}
