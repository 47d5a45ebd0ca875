import type { Job } from '@labelfleet/client/jobs';
import cliProgress from 'cli-progress';
import { doneOf, progressText } from './text.ts';

export interface JobProgress extends Disposable {
  show(job: Job): void;
  /** Writes a line above the bar. */
  line(text: string): void;
}

const LINE_EVERY_MS = 10_000;

/** Shows how a job goes on: a bar on a terminal, elsewhere a line every 10 s. */
export function openJobProgress(
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  clock: { unixMs: () => number },
): JobProgress {
  const line = (text: string) => void stream.write(`${text}\n`);
  if (stream.isTTY !== true) {
    let shownAtMs = -Infinity;
    return {
      line,
      show(job) {
        if (clock.unixMs() - shownAtMs < LINE_EVERY_MS) return;
        shownAtMs = clock.unixMs();
        line(progressText(job, shownAtMs));
      },
      [Symbol.dispose]: () => undefined,
    };
  }
  // If cli-progress disabled line wrapping, Ctrl-C would leave the terminal without it.
  const bar = new cliProgress.SingleBar({ stream, linewrap: true, format: '{bar} {text}' });
  bar.start(1, 0, { text: '' });
  return {
    // Erases the bar, which is drawn again below.
    line: (text) => line(`\r\x1b[K${text}`),
    show(job) {
      bar.setTotal(Math.max(1, job.counts.listed));
      bar.update(doneOf(job), { text: progressText(job, clock.unixMs()) });
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}
