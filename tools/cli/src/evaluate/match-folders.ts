import type { ClassName } from '@labelfleet/inference/model-tools';

export interface Matched {
  /** Class index by name of folder. */
  classes: Map<string, number>;
  /** Folders that are no class of the model. */
  unknown: string[];
}

/**
 * Finds the classes that folders are named after.
 * @param labels the model's, in class order
 * @param classList what ids mean
 */
export function matchFolders(
  folders: readonly string[],
  labels: readonly string[],
  classList: readonly ClassName[],
): Matched {
  const classes = new Map<string, number>();
  for (const folder of folders) {
    const index = labels.indexOf(folder);
    const classIndex = index === -1 ? classOfId(folder, labels, classList) : index;
    if (classIndex !== -1) classes.set(folder, classIndex);
  }
  return { classes, unknown: folders.filter((folder) => !classes.has(folder)) };
}

/** ImageNet has two cranes and two maillots: which is meant is told by the place in the list. */
function classOfId(id: string, labels: readonly string[], classList: readonly ClassName[]): number {
  const row = classList.findIndex((name) => name.id === id);
  const label = classList[row]?.label;
  if (label === undefined) return -1;
  return labels[row] === label ? row : labels.indexOf(label);
}
