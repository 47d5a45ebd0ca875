import { classifyDirectly } from '@labelfleet/end-to-end/classify-directly';
import { startStack } from '@labelfleet/end-to-end/stack-under-test';
import { readStored, sha256Of } from '@labelfleet/end-to-end/stored';
import { resultInShort } from '@labelfleet/contracts';
import { explain } from '@labelfleet/runtime';
import { drawImages } from '@labelfleet/testkit/images';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Evaluation } from './judge.ts';
import type { ClassicOptions } from './options.ts';
import type { Round } from './round.ts';
import { runRound } from './run-round.ts';

/**
 * Runs the product and all rounds, one after the other, each from an empty fleet.
 * @param folder takes the images
 */
export async function evaluate(
  options: ClassicOptions,
  folder: string,
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<Evaluation> {
  const { images, threads, maxWorkers, bootSeconds } = options;
  const files = await drawImages(folder, Math.max(...images));
  const labels = await classifyDirectly(files);
  stop.throwIfAborted();
  await using stack = await startStack({
    SCALING_POLICY: 'per-message',
    MAX_WORKERS: String(maxWorkers),
    LOCAL_BOOT_SECONDS: String(bootSeconds),
    // The product ends with this command, also when it is killed.
    LABELFLEET_PARENT: String(process.pid),
  });
  const rounds: Round[] = [];
  for (const count of images) {
    say(`Sending ${count} images from ${threads} threads …`);
    const round = await runRound(stack, { files: files.slice(0, count), labels, threads, stop });
    say(`The last answer came after ${(round.elapsedMs / 1000).toFixed(1)} s.`);
    rounds.push(round);
  }
  const sent = await Promise.all(
    images.flatMap((count) => files.slice(0, count)).map((file) => describe(file, labels)),
  );
  const stored = await readStored(stack).then(
    (requests) =>
      requests.map(({ file, sha256, result }) => ({ file, sha256, label: resultInShort(result) })),
    (error: unknown) => ({ fault: explain(error) }),
  );
  await stack.end('SIGINT');
  return { rounds, sent, stored };
}

/** An image as it should be in the buckets. */
async function describe(path: string, labels: ReadonlyMap<string, string>) {
  const file = basename(path);
  return { file, sha256: sha256Of(await readFile(path)), label: labels.get(file) ?? '' };
}
