import type { ClassName } from '@labelfleet/inference/model-tools';

export interface FolderMatch {
  /** The class index by folder name. */
  classes: Map<string, number>;
  /** Folders that are not named after a class of the model. */
  unknown: string[];
}

/**
 * Finds the classes that folders are named after, by label or by WordNet id.
 * @param labels the model's labels, in class order
 * @param classList the label of each id
 */
export function matchFolders(
  folders: readonly string[],
  labels: readonly string[],
  classList: readonly ClassName[],
): FolderMatch {
  const classes = new Map<string, number>();
  for (const folder of folders) {
    const index = labels.indexOf(folder);
    const classIndex = index === -1 ? classOfId(folder, labels, classList) : index;
    if (classIndex !== -1) classes.set(folder, classIndex);
  }
  return { classes, unknown: folders.filter((folder) => !classes.has(folder)) };
}

/** ImageNet has two classes `crane` and two `maillot`; the row in the list distinguishes them. */
function classOfId(id: string, labels: readonly string[], classList: readonly ClassName[]): number {
  const row = classList.findIndex((name) => name.id === id);
  const label = classList[row]?.label;
  if (label === undefined) return -1;
  return labels[row] === label ? row : labels.indexOf(label);
}
