import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { receiveMessage, sendReply, type Setup } from './child-protocol.ts';
import type { BadImage, Classified } from '../classifier.ts';
import { ModelError } from '../model/model-error.ts';
import { scriptPath } from './script-path.ts';

/** Classifies an image in a classifier process; calls `onDecoded` between decoding and inference. */
export interface ImageClassifier {
  classify(image: Uint8Array, topK: number, onDecoded: () => void): Promise<Classified | BadImage>;
}

/**
 * Runs this process as a classifier process: opens the model and classifies one image at a time, until the parent
 * closes the channel.
 */
export async function serveParent(open: (setup: Setup) => Promise<ImageClassifier>): Promise<void> {
  new Worker(scriptPath(new URL('./end-with-parent.ts', import.meta.url)));
  // Ctrl-C and systemd signal every process. The worker drains first and then kills its children.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  if (process.platform === 'linux') preferForOomKiller();

  const first = receiveMessage();
  if (first === undefined) return;
  const classifier = await openModel(JSON.parse(Buffer.from(first.content).toString()) as Setup);
  if (classifier === undefined) return;
  sendReply({ kind: 'ready' });
  for (let task = receiveMessage(); task !== undefined; task = receiveMessage())
    await classify(classifier, task.content, task.number);

  async function openModel(setup: Setup): Promise<ImageClassifier | undefined> {
    try {
      return await open(setup);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      sendReply({ kind: 'model-error', message: error.message });
      return undefined;
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

async function classify(
  classifier: ImageClassifier,
  image: Uint8Array,
  topK: number,
): Promise<void> {
  const onDecoded = () => sendReply({ kind: 'decoded' });
  try {
    sendReply({ kind: 'done', outcome: await classifier.classify(image, topK, onDecoded) });
  } catch (error) {
    sendReply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
