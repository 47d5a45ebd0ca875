import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { comparePrediction, formatComparison } from '../real/compare.ts';
import { decodeRecording } from '../real/recording.ts';

/**
 * Predicts a recorded run of the real product.
 * @returns a table of both
 * @throws StartError if the file cannot be read or is malformed
 */
export async function compare(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`${path} cannot be read: ${String(error)}`, EXIT.noInput);
  });
  const decoded = decodeRecording(text);
  if (decoded.kind === 'malformed')
    throw new StartError(`${path}: ${decoded.reason}`, EXIT.noInput);
  const recording = decoded.value;
  return formatComparison(recording.name, comparePrediction(recording));
}
