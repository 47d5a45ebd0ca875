import { readFile } from 'node:fs/promises';

/** A class of a data set: its WordNet id (`n07747607`) and its label (`orange`). */
export interface ClassName {
  id: string;
  label: string;
}

/** Reads `id TAB label` lines in class order; ignores lines without a tab. */
export function parseClassList(text: string): ClassName[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [id = '', label = ''] = line.split('\t');
    return label.trim() === '' ? [] : [{ id: id.trim(), label: label.trim() }];
  });
}

/** The 1,000 classes of ImageNet-1k, in the order of model outputs. */
export async function imagenetClasses(): Promise<ClassName[]> {
  return parseClassList(
    await readFile(new URL('../../labels/imagenet-1k.tsv', import.meta.url), 'utf8'),
  );
}
