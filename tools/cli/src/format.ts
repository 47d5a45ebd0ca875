import type { ClassifiedFile } from './classify-files.ts';
import { csvFields, csvLine } from './csv.ts';
import type { Options } from './options.ts';

/** How outcomes are written, a line each. */
export interface Format {
  /** The first line. */
  header?: string;
  line: (outcome: ClassifiedFile) => string;
  /** The file that a line is about. Undefined: the line has another format. */
  fileOf: (line: string) => string | undefined;
}

export const formatFor = ({ format, topK }: Pick<Options, 'format' | 'topK'>): Format =>
  ({ tsv, csv: csv(topK), json })[format];

/** The path, and the label and score of each prediction, separated by tabs. */
const tsv: Format = {
  line: (outcome) => cells(outcome).join('\t'),
  fileOf: (line) => (line.includes('\t') ? line.split('\t')[0] : undefined),
};

const csv = (topK: number): Format => {
  const pairs = Array.from({ length: topK }, (_, index) => {
    const number = index === 0 ? '' : String(index + 1);
    return [`label${number}`, `score${number}`];
  });
  const header = csvLine(['file', ...pairs.flat()]);
  return {
    header,
    line: (outcome) => csvLine(cells(outcome).map(formulaSafe)),
    fileOf: (line) => csvFields(line)[0]?.replace(/^'(?=[=+\-@\t\r])/, ''),
  };
};

const json: Format = {
  line: ({ file, predictions, unknown, classification }) =>
    JSON.stringify({
      file,
      ...(unknown && { label: null, unknown }),
      predictions,
      ...classification,
    }),
  fileOf(line) {
    try {
      const value: unknown = JSON.parse(line);
      const file = value instanceof Object && 'file' in value ? value.file : undefined;
      return typeof file === 'string' ? file : undefined;
    } catch {
      return undefined;
    }
  },
};

/** `unknown` takes the place of a label that is withheld. */
function cells({ file, predictions, unknown, classification }: ClassifiedFile): string[] {
  const isUnknown = unknown === true || classification?.label === null;
  return [
    file,
    ...predictions.flatMap(({ label, score }, index) => [
      isUnknown && index === 0 ? 'unknown' : label,
      score.toFixed(4),
    ]),
  ];
}

/** Keeps spreadsheets from taking a cell for a formula (OWASP, CSV injection). */
const formulaSafe = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
