import { decodeJobLine, problemCode, type JobLine } from '@labelfleet/contracts';

type Cell = string | number | null | undefined;

/**
 * A spreadsheet runs a cell that begins like this as a formula (owasp.org/www-community/attacks/CSV_Injection). An
 * apostrophe before it makes it text. It changes only ids of the caller, labels and details: `image` begins with
 * `s3://`, and numbers are written as they are. The JSON lines have every byte.
 */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(value: Cell): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

const COLUMNS = ['image', 'id', 'line', 'status', 'label', 'score', 'problem', 'detail'];

/** The first line of the CSV of a job (RFC 4180). */
export const csvHeader = (topK: number): string =>
  csvLine([...COLUMNS, ...others(topK).flatMap((place) => [`label${place}`, `score${place}`])]);

/** The places of the predictions besides the best. */
const others = (topK: number): number[] =>
  Array.from({ length: topK - 1 }, (_, index) => index + 2);

/**
 * JSON lines as lines of CSV.
 * @param body whole lines
 * @throws if a line is none of a job
 */
export function toCsv(body: Uint8Array, topK: number): string {
  return new TextDecoder()
    .decode(body)
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => {
      const decoded = decodeJobLine(text);
      if (decoded.kind === 'malformed')
        throw new Error(`A line of the job's parts is malformed: ${decoded.reason}`);
      return csvLine(cellsOf(decoded.value, topK));
    })
    .join('');
}

function cellsOf(line: JobLine, topK: number): Cell[] {
  const { image, id, status } = line;
  if (line.status === 'failed') {
    const { problem } = line;
    const empty = others(topK).flatMap(() => ['', '']);
    return [image, id, line.line, status, '', '', problemCode(problem), problem.detail, ...empty];
  }
  const { label, score, predictions = [] } = line;
  const rest = others(topK).flatMap((place) => {
    const prediction = predictions[place - 1];
    return [prediction?.label, prediction?.score];
  });
  return [image, id, '', status, label, score, '', '', ...rest];
}
