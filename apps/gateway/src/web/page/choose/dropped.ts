/** What was dropped or pasted: files, also those of folders, and whether it was a link instead. */
export interface Dropped {
  files: File[];
  isLink: boolean;
}

export async function filesOf(data: DataTransfer): Promise<Dropped> {
  // The items are gone after the first await.
  const entries = [...data.items].map((item) =>
    item.kind === 'file' ? { entry: item.webkitGetAsEntry(), file: item.getAsFile() } : undefined,
  );
  const isLink = data.types.includes('text/uri-list');
  const files: File[] = [];
  for (const one of entries) {
    if (one?.entry?.isDirectory) files.push(...(await filesIn(one.entry)));
    else if (one?.file) files.push(one.file);
  }
  return { files, isLink: isLink && files.length === 0 };
}

/** All files of a folder and the folders in it, by name, without hidden ones. */
async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.name.startsWith('.')) return [];
  if (entry.isFile)
    return [await new Promise<File>((...done) => (entry as FileSystemFileEntry).file(...done))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((...done) => reader.readEntries(...done));
    if (more.length === 0) break;
    entries.push(...more);
  }
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const files: File[] = [];
  for (const one of entries) files.push(...(await filesIn(one)));
  return files;
}
