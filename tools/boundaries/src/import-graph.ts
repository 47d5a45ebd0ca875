import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path/posix';
import ts from 'typescript';

/** One import. Paths are relative to the root of the workspace, with forward slashes. */
export interface Import {
  from: string;
  /** A path for a relative import; otherwise the specifier as the file writes it. */
  to: string;
}

/** Reads the imports and re-exports of all TypeScript files in a folder and the folders below it, types included. */
export async function readImports(workspace: string, folder: string): Promise<Import[]> {
  const names = await readdir(join(workspace, folder), { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.includes('node_modules/'));
  const imports = await Promise.all(
    files.map(async (name) => {
      const from = join(folder, name);
      const text = await readFile(join(workspace, from), 'utf8');
      return ts.preProcessFile(text).importedFiles.map(({ fileName }) => ({
        from,
        to: fileName.startsWith('.') ? join(from, '..', fileName) : fileName,
      }));
    }),
  );
  return imports.flat();
}

/**
 * Returns the files in a cycle or between two cycles: it repeatedly removes the files that import no remaining file and
 * those that no remaining file imports.
 */
export function filesInCycles(imports: readonly Import[]): string[] {
  let left = imports;
  let before: number;
  do {
    before = left.length;
    const importing = new Set(left.map(({ from }) => from));
    const imported = new Set(left.map(({ to }) => to));
    left = left.filter(({ from, to }) => importing.has(to) && imported.has(from));
  } while (left.length < before);
  return [...new Set(left.map(({ from }) => from))].sort();
}

export const isTestFile = (path: string) => /\.spec\.ts$|\/testing\//.test(path);
