/** One process of the bare loop: classifies the images of its arguments in turn, and sends the bench each label. */
import { OnnxClassifier, readModelDir } from '@labelfleet/inference/model-tools';
import { readFile } from 'node:fs/promises';

const [modelDir = '', ...files] = process.argv.slice(2);
const model = await readModelDir(modelDir);
const classifier = await OnnxClassifier.open(model, { maxPixels: 50_000_000 });
process.once('disconnect', () => process.exit());
for (let next = 0; ; next++) {
  const file = files[next % files.length] as string;
  const startedAtMs = performance.now();
  const outcome = await classifier.classify(await readFile(file), 1);
  const label = outcome.kind === 'classified' ? outcome.predictions[0]?.label : undefined;
  if (label === undefined) throw new Error(`${file} has no label: ${JSON.stringify(outcome)}`);
  process.send?.({ file, label, latencyMs: performance.now() - startedAtMs });
}
