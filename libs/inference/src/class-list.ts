import { readFile } from 'node:fs/promises';

/** A class as data sets name it: by its id in WordNet (`n07747607`) and by its label (`orange`). */
export interface ClassName {
  id: string;
  label: string;
}

/** Reads `id TAB label` lines, in class order. Lines without a tab are no class. */
export function parseClassList(text: string): ClassName[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [id = '', label = ''] = line.split('\t');
    return label.trim() === '' ? [] : [{ id: id.trim(), label: label.trim() }];
  });
}

/** The 1,000 classes of ImageNet-1k, in the order in which models give them. */
export async function imagenetClasses(): Promise<ClassName[]> {
  return parseClassList(
    await readFile(new URL('../labels/imagenet-1k.tsv', import.meta.url), 'utf8'),
  );
}
