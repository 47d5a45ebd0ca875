import cliProgress from 'cli-progress';

export interface Progress extends Disposable {
  update(done: number): void;
}

interface Work {
  name: string;
  total: number;
  /** How an amount of it is written: `1.5 MB`. */
  amount: (done: number) => string;
}

/** A bar where there is a terminal to draw it on. */
export function openProgress(
  { name, total, amount }: Work,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
): Progress {
  if (stream.isTTY !== true) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream,
    // Switched off, it would stay so for whoever ends the program with Ctrl-C.
    linewrap: true,
    format: `${name} {bar} {percentage} %  {amount} of ${amount(total)}  {eta_formatted} left`,
  });
  bar.start(total, 0, { amount: amount(0) });
  return {
    update: (done) => bar.update(done, { amount: amount(done) }),
    [Symbol.dispose]: () => bar.stop(),
  };
}
