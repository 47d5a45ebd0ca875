import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import type { Reply, Setup, Task } from './child-protocol.ts';
import type { BadImage, Classified } from '../classifier.ts';
import { ModelError } from '../model/model-error.ts';
import { scriptPath } from './script-path.ts';

/** Classifies an image in a classifier process; calls `onDecoded` between decoding and inference. */
export interface ImageClassifier {
  classify(image: Uint8Array, topK: number, onDecoded: () => void): Promise<Classified | BadImage>;
}

/** Runs this process as a classifier process: opens the model and classifies one image at a time. */
export function serveParent(open: (setup: Setup) => Promise<ImageClassifier>): void {
  new Worker(scriptPath(new URL('./end-with-parent.ts', import.meta.url)));
  // Ctrl-C and systemd signal every process. The worker drains first and then kills its children.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  if (process.platform === 'linux') preferForOomKiller();

  process.once('message', (setup: Setup) => void start(setup));

  async function start(setup: Setup): Promise<void> {
    try {
      const classifier = await open(setup);
      process.on('message', (task: Task) => void serve(classifier, task));
      reply({ kind: 'ready' });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      reply({ kind: 'model-error', message: error.message });
    }
  }
}

/** When memory runs out, the kernel should kill this process with its one image rather than the worker. */
function preferForOomKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch (error) {
    // A Node.js with file capabilities may not write this file. The process can still classify.
    process.stderr.write(
      `The OOM score of the classifier process cannot be set: ${String(error)}\n`,
    );
  }
}

async function serve(classifier: ImageClassifier, { image, topK }: Task): Promise<void> {
  const onDecoded = () => reply({ kind: 'decoded' });
  try {
    reply({ kind: 'done', outcome: await classifier.classify(image, topK, onDecoded) });
  } catch (error) {
    reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}
