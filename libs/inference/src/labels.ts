import { isLfsPointer, LFS_POINTER_FAULT } from './model-file.ts';

export type LabelList = { labels: string[] } | { fault: string };

// A tab ends a label in what the commands print, a line break in labels.txt; the others are no text at all.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Reads labels.txt of a model directory: a label a line, in class order. @returns or what is wrong, as the end of a sentence about the file */
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
      return { fault: `has a tab ${line}, and a label may hold none. Write only the label there` };
    }
    if (CONTROL.test(label) || label.includes('\uFFFD')) {
      return { fault: `holds what is no text ${line}. Save it as UTF-8, with a label a line` };
    }
  }
  return { labels };
}

/** What lists have above their first column. */
const HEADER = /^(id|wnid|synset|index|class|class_id|#)\t/i;

/**
 * Reads a list of labels as people have them: a label a line, or `id TAB label` lines, in class order. Where the
 * ids are the numbers of the classes, from 0 or 1 on, they tell the order. Blank lines at the end are left out.
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
      fault: `has ${tabs === 0 ? 'no tab' : `${tabs} tabs`} on line ${odd + 1}, and one on others. Give a label a line, or an id, a tab and a label`,
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

/** Why a model's values and the labels do not fit, as the end of a sentence about the model. */
export function labelCountFault(values: number, labels: number): string {
  const fault = `gives ${values} values, and there are ${labels} labels`;
  return values === labels + 1
    ? `${fault}. Models from TensorFlow often have a class for the background before the others: if this is one, "model add" takes --background, and in labels.txt a first line "background" does the same`
    : fault;
}
