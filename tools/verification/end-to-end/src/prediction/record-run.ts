import type { SucceededResult } from '@labelfleet/contracts';
import type { Recording } from '@labelfleet/fleet-sim/prediction';
import { runLoad } from '@labelfleet/loadgen/run';
import { replayTick } from '@labelfleet/scaling';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listFleet, watchDuring } from '../fleet-watch.ts';
import { startStack, type StackUnderTest } from '../stack-under-test.ts';
import { readStored } from '../stored.ts';
import { SLOW_MODEL } from './busy-image.ts';
import { addListing, toRecording, type Life } from './to-recording.ts';
import type { RealWorkload } from './workloads.ts';

const SETTINGS = { slots: 2, threads: 1, pollSeconds: 2, maxWorkers: 2, tickSeconds: 0.5 };
const TIMEOUT_MS = 120_000;

/**
 * Starts the real product without workers, runs a workload on it, and records it.
 * @param keepTicks file for the scaler's ticks; undefined: they are dropped
 */
export async function recordRun(
  workload: RealWorkload,
  image: Uint8Array,
  keepTicks: string | undefined,
): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'prediction-'));
  try {
    const files = await writeImages(folder, image, workload.offers.length);
    const tickLog = keepTicks ?? join(folder, 'ticks.jsonl');
    await using stack = await startStack({
      LOCAL_BOOT_SECONDS: '5',
      MAX_WORKERS: String(SETTINGS.maxWorkers),
      INFERENCE_THREADS: String(SETTINGS.threads),
      SLOTS: String(SETTINGS.slots),
      POLL_SECONDS: String(SETTINGS.pollSeconds),
      TICK_SECONDS: String(SETTINGS.tickSeconds),
      MODEL_DIR: SLOW_MODEL,
      TICK_LOG: tickLog,
    });
    const { beganAtMs, offered, lives } = await runWorkload(stack, workload, files);
    const results = await resultsByFile(stack);
    const images = offered.map(({ file, ...times }) => {
      const result = results.get(file);
      if (result === undefined) throw new Error(`${file} has no result`);
      return { ...times, result };
    });
    await stack.end('SIGINT');
    const { name, windowSeconds } = workload;
    const bootSeconds = await learnedBoots(tickLog);
    return toRecording(
      { name, windowSeconds, ...SETTINGS },
      { beganAtMs, images, lives, bootSeconds },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes a file for each request; its name identifies the result. */
const writeImages = (folder: string, image: Uint8Array, count: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const file = join(folder, `${index}.png`);
      await writeFile(file, image);
      return file;
    }),
  );

async function runWorkload(
  { fleet, url }: StackUnderTest,
  { offers, windowSeconds }: RealWorkload,
  files: readonly string[],
) {
  const beganAtMs = Date.now();
  const lives = new Map<string, Life>();
  const work = async () => {
    const offered = await Promise.all(
      offers.map((offer, index) => offerAt(url, files[index] ?? '', beganAtMs + offer * 1000)),
    );
    await delay(Math.max(0, beganAtMs + windowSeconds * 1000 - Date.now()));
    return offered;
  };
  const list = () => listFleet(fleet);
  const offered = await watchDuring(list, work, (listed) => {
    addListing(lives, listed, Date.now());
  });
  return { beganAtMs, offered, lives: [...lives.values()] };
}

/** Sends each image at its time, without waiting for earlier answers. */
async function offerAt(url: URL, file: string, atMs: number) {
  await delay(Math.max(0, atMs - Date.now()));
  const offeredAtMs = Date.now();
  const load = { url, field: 'myfile', files: [file], requests: 1, concurrency: 1 };
  const { answers } = await runLoad({ ...load, timeoutMs: TIMEOUT_MS });
  const [answer] = answers;
  if (answer?.outcome.kind !== 'right')
    throw new Error(`${file} was not answered: ${JSON.stringify(answer)}`);
  return { file: basename(file), offeredAtMs, latencyMs: answer.latencyMs };
}

async function resultsByFile(stack: StackUnderTest): Promise<Map<string, SucceededResult>> {
  const results = (await readStored(stack)).flatMap(({ file, result }) =>
    result.status === 'succeeded' ? [[file, result] as const] : [],
  );
  return new Map(results);
}

/** The boot times that the scaler had learned at its last tick. */
async function learnedBoots(tickLog: string): Promise<number[]> {
  const line = (await readFile(tickLog, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
  const tick = replayTick(line);
  if (tick.kind === 'malformed') throw new Error(`the last tick: ${tick.reason}`);
  return [...tick.value.inputs.observation.learned.bootSeconds];
}
