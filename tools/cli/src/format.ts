import type { FileOutcome } from './classify-files.ts';

type ClassifiedFile = Extract<FileOutcome, { kind: 'classified' }>;

/** Formats the path, and the label and score of each prediction, separated by tabs. */
export const formatLine = ({ file, predictions }: ClassifiedFile): string =>
  [file, ...predictions.flatMap(({ label, score }) => [label, score.toFixed(4)])].join('\t');

export const formatJson = ({ file, predictions }: ClassifiedFile): string =>
  JSON.stringify({ file, predictions });
