/**
 * Compares the product with direct classification of the same images: one worker with one inference thread, all on
 * this machine. Prints a table and has no pass or fail.
 */
import { embeddedModelDir, openClassifier } from '@labelfleet/inference';
import { runLoad } from '@labelfleet/loadgen/run';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs, ownCpuMs } from '@labelfleet/testkit/cpu-time';
import { drawImages } from '@labelfleet/testkit/images';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const IMAGES = 300;
const folder = await mkdtemp(join(tmpdir(), 'bench-images-'));
try {
  const files = await drawImages(folder, 12);
  print(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  await measureDirect(files);
  await measureProduct(files);
} finally {
  await rm(folder, { recursive: true });
}

async function measureDirect(files: readonly string[]): Promise<void> {
  const options = { modelDir: embeddedModelDir, threads: 1, maxPixels: 50_000_000 };
  await using classifier = await openClassifier(options);
  const images = await Promise.all(files.map((file) => readFile(file)));
  const before = { ms: performance.now(), cpuMs: await ownCpuMs() };
  for (let n = 0; n < IMAGES; n++) {
    const image = images[n % images.length] ?? Buffer.alloc(0);
    await classifier.classify(image, { topK: 5 });
  }
  row('direct: time per image', (performance.now() - before.ms) / IMAGES);
  row('direct: CPU per image', ((await ownCpuMs()) - before.cpuMs) / IMAGES);
}

async function measureProduct(files: string[]): Promise<void> {
  const startedAtMs = performance.now();
  await using stack = await startStack({ MAX_WORKERS: '1', IDLE_BEFORE_RELEASE_SECONDS: '600' });
  row('npm start to ready', performance.now() - startedAtMs);

  const [first] = await latencies(stack, files, { requests: 1, concurrency: 1 });
  row('first image, without a running worker', first ?? Number.NaN);
  await latencies(stack, files, { requests: 30, concurrency: 1 });
  const alone = await latencies(stack, files, { requests: 100, concurrency: 1 });
  row('product, one at a time: median', alone[alone.length >> 1] ?? Number.NaN);

  const processes = await stack.processes();
  const cpuBefore = await Promise.all(processes.map(({ pid }) => cpuMs(pid)));
  const loadedAtMs = performance.now();
  await latencies(stack, files, { requests: IMAGES, concurrency: 16 });
  row('product, 16 at a time: time per image', (performance.now() - loadedAtMs) / IMAGES);
  const cpuAfter = await Promise.all(processes.map(({ pid }) => cpuMs(pid)));
  processes.forEach(({ name }, index) => {
    const used = (cpuAfter[index] ?? Number.NaN) - (cpuBefore[index] ?? Number.NaN);
    row(`product: CPU per image, ${/(?:apps|tools)\/(.+)\.\w+$/.exec(name)?.[1]}`, used / IMAGES);
  });
  await stack.end('SIGINT');
}

/** Sends a load. @returns latencies in milliseconds, ascending */
async function latencies(
  { url }: StackUnderTest,
  files: string[],
  load: { requests: number; concurrency: number },
): Promise<number[]> {
  const { answers } = await runLoad({ url, field: 'myfile', files, timeoutMs: 60_000, ...load });
  const failed = answers.filter(({ outcome }) => outcome.kind !== 'right');
  if (failed.length > 0) throw new Error(`not answered: ${JSON.stringify(failed[0])}`);
  return answers.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
}

function row(what: string, ms: number): void {
  print(`${what.padEnd(48)} ${ms.toFixed(1).padStart(8)} ms`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
