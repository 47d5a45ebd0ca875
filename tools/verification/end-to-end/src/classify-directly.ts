import { embeddedModelDir, openClassifier } from '@labelfleet/inference';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** The embedded model's label of each file, by file name, without the product. */
export async function classifyDirectly(files: readonly string[]): Promise<Map<string, string>> {
  await using classifier = await openClassifier({
    modelDir: embeddedModelDir,
    threads: 1,
    maxPixels: 50_000_000,
  });
  const labels = new Map<string, string>();
  for (const file of files) {
    const outcome = await classifier.classify(await readFile(file), { topK: 1 });
    const label = outcome.kind === 'classified' ? outcome.predictions[0]?.label : undefined;
    if (label === undefined) throw new Error(`${file} has no label: ${JSON.stringify(outcome)}`);
    labels.set(basename(file), label);
  }
  return labels;
}
