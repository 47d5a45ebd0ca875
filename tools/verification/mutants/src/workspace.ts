import { join } from 'node:path';

export const WORKSPACE = join(import.meta.dirname, '../../../..');

/** Beside what is built otherwise, so that packages with native code are found. From the workspace's folder. */
export const folderOf = (name: string): string =>
  join('dist/mutants', name.replaceAll(/[^a-z]+/g, '-'));
