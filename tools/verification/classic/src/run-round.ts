import { everLaunched, listFleet, watchDuring } from '@labelfleet/end-to-end/fleet-watch';
import type { StackUnderTest } from '@labelfleet/end-to-end/stack-under-test';
import { runLoad } from '@labelfleet/loadgen/run';
import { until } from '@labelfleet/testkit/until';
import { isEmpty, type Round, type Sample } from './round.ts';

const SAMPLE_MS = 250;
/** Longer than a caller waits for the gateway, whose default is 300 s. */
const ANSWER_TIMEOUT_MS = 330_000;
/** Longer than an idle worker stays, also on a busy machine. */
const EMPTY_TIMEOUT_MS = 180_000;

export interface RoundLoad {
  files: readonly string[];
  /** By direct classification, by file name. */
  labels: ReadonlyMap<string, string>;
  threads: number;
  stop: AbortSignal;
}

/** Sends each image once and waits until the queue is empty and no instance is left, or should be. */
export async function runRound(stack: StackUnderTest, load: RoundLoad): Promise<Round> {
  const { files, labels, threads, stop } = load;
  const before = (await everLaunched(stack.fleet)).length;
  const beganAt = performance.now();
  const sinceBegan = () => performance.now() - beganAt;
  const samples: Sample[] = [];
  const answers: Round['answers'] = [];

  const work = async () => {
    const { elapsedMs } = await runLoad({
      url: stack.url,
      field: 'myfile',
      files,
      requests: files.length,
      concurrency: threads,
      timeoutMs: ANSWER_TIMEOUT_MS,
      expected: labels,
      signal: stop,
      onAnswer: (answer) => answers.push({ ...answer, atMs: sinceBegan() }),
    });
    const giveUpAt = performance.now() + EMPTY_TIMEOUT_MS;
    const isOver = async () => {
      const last = samples.at(-1);
      const hasEnded = last !== undefined && last.atMs > elapsedMs && isEmpty(last);
      return hasEnded || stop.aborted || performance.now() > giveUpAt;
    };
    await until('the round is over', isOver, { timeoutMs: Infinity });
    stop.throwIfAborted();
    return elapsedMs;
  };
  const observe = async (): Promise<Sample> => {
    const atMs = sinceBegan();
    const [instances, { visible, inFlight }] = await Promise.all([
      listFleet(stack.fleet),
      stack.requestQueue.depth(),
    ]);
    const inState = (...states: string[]) =>
      instances.filter(({ state }) => states.includes(state)).length;
    return {
      atMs,
      launching: inState('launching'),
      running: inState('running'),
      stopping: inState('stopping', 'stopped'),
      waiting: visible,
      inFlight,
    };
  };
  const elapsedMs = await watchDuring(observe, work, (sample) => samples.push(sample), SAMPLE_MS);
  const launched = (await everLaunched(stack.fleet)).length - before;
  return { images: files.length, answers, elapsedMs, samples, launched };
}
