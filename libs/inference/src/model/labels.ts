import { isLfsPointer, LFS_POINTER_FAULT } from './model-file.ts';

export type LabelList = { labels: string[] } | { fault: string };

// The CLI separates columns with tabs, and labels.txt separates labels with line breaks; the others are not text.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Reads labels.txt: one label per line, in class order. @returns the labels, or a fault as the end of a sentence about the file */
export function parseLabels(text: string): LabelList {
  if (isLfsPointer(text)) return { fault: LFS_POINTER_FAULT };
  const labels = text
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  for (const [index, label] of labels.entries()) {
    const line = `on line ${index + 1}`;
    if (label.trim() === '') return { fault: `has no label ${line}` };
    if (label.includes('\t')) {
      return {
        fault: `has a tab ${line}, which a label must not contain. Write only the label there`,
      };
    }
    if (CONTROL.test(label) || label.includes('\uFFFD')) {
      return {
        fault: `has characters that are not text ${line}. Save it as UTF-8, one label per line`,
      };
    }
  }
  return { labels };
}

/** Common headers of the first column. */
const HEADER = /^(id|wnid|synset|index|class|class_id|#)\t/i;

/**
 * Reads a label list of an external source: one label per line, or `id TAB label` lines, in class order. If the ids
 * are class numbers from 0 or 1 on, they define the order. Blank lines at the end are ignored.
 */
export function parseLabelList(text: string): LabelList {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  if (HEADER.test(lines[0] ?? '')) lines.shift();
  const columns = lines.map((line) => line.split('\t').map((cell) => cell.trim()));
  if (columns.every((row) => row.length === 1)) {
    return parseLabels(columns.map(([label]) => label).join('\n'));
  }
  const odd = columns.findIndex((row) => row.length !== 2);
  if (odd !== -1) {
    const tabs = (columns[odd]?.length ?? 1) - 1;
    return {
      fault: `has ${tabs === 0 ? 'no tab' : `${tabs} tabs`} on line ${odd + 1}, but one on other lines. Write one label per line, or id, tab and label on every line`,
    };
  }
  return parseLabels(
    inClassOrder(columns)
      .map(([, label]) => label)
      .join('\n'),
  );
}

function inClassOrder(rows: readonly string[][]): readonly string[][] {
  const ids = rows.map(([id = '']) => (/^\d+$/.test(id) ? Number(id) : -1));
  const first = Math.min(...ids);
  const areClasses =
    (first === 0 || first === 1) &&
    new Set(ids).size === ids.length &&
    Math.max(...ids) === first + ids.length - 1;
  if (!areClasses) return rows;
  return rows
    .map((row, at) => ({ row, id: ids[at] ?? 0 }))
    .sort((a, b) => a.id - b.id)
    .map(({ row }) => row);
}

/** Why the number of labels does not fit the model, as the end of a sentence about the model. */
export function labelCountFault(values: number, labels: number): string {
  const fault = `gives ${values} values, and there are ${labels} labels`;
  return values === labels + 1
    ? `${fault}. Models from TensorFlow often have a background class before the others: if this is one, use "model add --background", or add "background" as the first line of labels.txt`
    : fault;
}
