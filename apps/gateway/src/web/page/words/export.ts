import type { Row } from '../state/state.ts';

const COLUMNS = [
  'file',
  'status',
  'label',
  'score',
  'problem',
  'id',
  'model',
  'completedAt',
  'usd',
];

/** A spreadsheet would run a cell that begins like this as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(value: string | number | undefined): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows as CSV (RFC 4180), in their order. */
export const toCsv = (rows: readonly Row[]): string =>
  [COLUMNS, ...rows.map(cellsOf)].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');

function cellsOf(row: Row): (string | number | undefined)[] {
  const { result, failure } = row;
  return [
    row.name,
    statusOf(row),
    result?.label ?? undefined,
    result?.predictions?.[0]?.score,
    failure && `${failure.title}. ${failure.detail}`,
    row.requestId ?? result?.id,
    result?.model && `${result.model.name} ${result.model.version}`,
    result?.completedAt,
    result?.cost?.total,
  ];
}

/** The rows as JSON: the gateway's classifications, and the failures of images that it never accepted. */
export const toJson = (rows: readonly Row[]): string =>
  `${JSON.stringify(
    rows.map((row) => ({
      fileName: row.name,
      status: statusOf(row),
      ...(row.requestId !== undefined && { id: row.requestId }),
      ...(row.failure !== undefined && { problem: row.failure }),
      ...row.result,
    })),
    null,
    2,
  )}\n`;

/** A line per image, file and label with a tab between, for the clipboard. */
export const toText = (rows: readonly Row[]): string =>
  rows
    .map(({ name, result, failure, ...row }) =>
      [name, result?.label ?? failure?.title ?? statusOf(row)].join('\t'),
    )
    .join('\n');

const statusOf = ({ phase }: Pick<Row, 'phase'>) =>
  phase === 'succeeded' || phase === 'failed' ? phase : 'waiting';

/** The shell command that classifies the same file. @param origin the page's address without a final slash */
export function curlCommand(fileName: string, origin: string, withKey: boolean): string {
  const quoted = `image=@"${fileName.replace(/[\\"]/g, '\\$&')}"`;
  const key = withKey ? ' -H "Authorization: Bearer $LABELFLEET_API_KEY"' : '';
  return `curl -F ${shellQuoted(quoted)}${key} ${shellQuoted(`${origin}/v1/classifications`)}`;
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
