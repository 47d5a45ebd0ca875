import { join } from 'node:path';

export const WORKSPACE = join(import.meta.dirname, '../../../..');

/** Inside dist, so that packages with native code are found. Relative to the workspace. */
export const folderOf = (name: string): string =>
  join('dist/mutants', name.replaceAll(/[^a-z]+/g, '-'));
