import { EXIT, explain, isSystemError, StartError } from '@labelfleet/runtime';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withUnknownSection } from './card.ts';
import type { Evaluation } from './format.ts';

/**
 * Writes accuracy and calibration table into the manifest of a model, and the table into its card, if it has one.
 * @throws StartError if no image was classified, or a file cannot be written
 */
export async function saveEvaluation(modelDir: string, evaluation: Evaluation): Promise<void> {
  if (evaluation.images === 0)
    throw new StartError('No image could be classified, so nothing is saved.', EXIT.noInput);
  const [manifest, card] = [join(modelDir, 'manifest.json'), join(modelDir, 'README.md')];
  try {
    await writeFile(manifest, withEvaluation(await readFile(manifest, 'utf8'), evaluation));
    const text = await readFile(card, 'utf8').catch((error: unknown) => {
      if (isSystemError(error) && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) await writeFile(card, withUnknownSection(text, evaluation));
  } catch (error) {
    throw new StartError(
      `The evaluation cannot be saved in ${modelDir}: ${explain(error)}`,
      EXIT.cannotCreate,
      { cause: error },
    );
  }
}

/** The manifest keeps its other fields; each threshold takes one line. */
function withEvaluation(text: string, { images, top1, top5, calibration }: Evaluation): string {
  const manifest = JSON.parse(text) as object;
  const rounded = (share: number) => Math.round(1e4 * share) / 1e4;
  const accuracy = { images, top1: rounded(top1), top5: rounded(top5) };
  const written = JSON.stringify({ ...manifest, accuracy, calibration }, null, 2);
  return `${written.replaceAll(/\{\s+"score"[^}]*\}/g, (row) => row.replaceAll(/\s+/g, ' '))}\n`;
}
