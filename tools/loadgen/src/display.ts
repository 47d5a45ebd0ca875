import cliProgress from 'cli-progress';

/** Shows answers as they arrive. */
export interface Display extends Disposable {
  answered(line: string, kind: 'right' | 'wrong' | 'failed'): void;
}

interface Terminal {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Writes lines to standard output, and draws a progress bar below them if standard error is a terminal. */
export function openDisplay(total: number, { stdout, stderr }: Terminal): Display {
  if (stderr.isTTY !== true) {
    return {
      answered: (line) => void stdout.write(`${line}\n`),
      [Symbol.dispose]: () => undefined,
    };
  }
  const bars = new cliProgress.MultiBar({
    format: '{bar} {value}/{total}  {wrong} wrong, {failed} failed  {duration} s',
    stream: stderr,
    hideCursor: true,
  });
  const counts = { right: 0, wrong: 0, failed: 0 };
  const bar = bars.create(total, 0, counts);
  return {
    answered(line, kind) {
      counts[kind] += 1;
      if (stdout.isTTY === true) bars.log(`${line}\n`);
      else stdout.write(`${line}\n`);
      bar.update(counts.right + counts.wrong + counts.failed, { ...counts });
    },
    [Symbol.dispose]: () => {
      bars.stop();
    },
  };
}
