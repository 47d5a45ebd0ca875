import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';

/**
 * Writes a folder as a gzipped tar file whose bytes depend only on the names, contents and executability of its files.
 * Extracted by root, everything is root's and readable for all.
 * @returns the SHA-256 of the tar file, in hex
 */
export async function writeTarball(folder: string, file: string): Promise<string> {
  const paths = (await readdir(folder, { recursive: true })).sort();
  for (const path of ['.', ...paths]) {
    const { mode } = await stat(join(folder, path));
    await chmod(join(folder, path), (mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  await create(
    {
      cwd: folder,
      file,
      gzip: { level: 6 },
      portable: true,
      mtime: new Date(0),
      noDirRecurse: true,
    },
    paths,
  );
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
