import cliProgress from 'cli-progress';

export interface Progress extends Disposable {
  update(done: number): void;
}

interface ProgressOptions {
  name: string;
  total: number;
  /** Formats an amount of work: `1.5 MB`. */
  formatAmount: (done: number) => string;
}

/** Draws a progress bar if the stream is a terminal, and nothing otherwise. */
export function openProgress(
  { name, total, formatAmount }: ProgressOptions,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
): Progress {
  if (stream.isTTY !== true) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream,
    // If cli-progress disabled line wrapping, Ctrl-C would leave the terminal without it.
    linewrap: true,
    format: `${name} {bar} {percentage} %  {amount} of ${formatAmount(total)}  {eta_formatted} left`,
  });
  bar.start(total, 0, { amount: formatAmount(0) });
  return {
    update: (done) => bar.update(done, { amount: formatAmount(done) }),
    [Symbol.dispose]: () => bar.stop(),
  };
}
