import { EXIT, explain, StartError } from '@labelfleet/runtime';
import pMap from 'p-map';
import { stat } from 'node:fs/promises';
import { extname, relative, sep } from 'node:path';
import { expandPaths } from '../../expand-paths.ts';

export interface LocalImage {
  /** Relative to the folder, with slashes. */
  path: string;
  bytes: number;
}

export interface FailedFile {
  path: string;
  detail: string;
}

export interface ScannedFolder {
  images: LocalImage[];
  failed: FailedFile[];
  /** How many files have another ending than images have, by ending. */
  leftOut: ReadonlyMap<string, number>;
}

const PARALLEL_STATS = 32;

/**
 * Finds the images in a folder and in those below it, as `npm run classify` does.
 * @param wants whether an image with this path is wanted
 * @throws StartError if it is no folder or has no images
 */
export async function scanFolder(
  folder: string,
  wants: (path: string) => boolean,
): Promise<ScannedFolder> {
  await checkFolder(folder);
  const leftOut = new Map<string, number>();
  const found = await expandPaths([folder], (file) => {
    const ending = extname(file).toLowerCase() || 'none';
    leftOut.set(ending, (leftOut.get(ending) ?? 0) + 1);
  });
  const pathOf = (file: string) => relative(folder, file).split(sep).join('/');
  const scanned = await pMap(
    found.filter(({ kind, file }) => kind === 'failed' || wants(pathOf(file))),
    async (entry): Promise<LocalImage | FailedFile> => {
      const path = pathOf(entry.file);
      if (entry.kind === 'failed') return { path, detail: entry.detail };
      try {
        return { path, bytes: (await stat(entry.file)).size };
      } catch (error) {
        return { path, detail: explain(error) };
      }
    },
    { concurrency: PARALLEL_STATS },
  );
  const isImage = (one: LocalImage | FailedFile): one is LocalImage => 'bytes' in one;
  return {
    images: scanned.filter(isImage),
    failed: scanned.filter((one): one is FailedFile => !isImage(one)),
    leftOut,
  };
}

async function checkFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    throw new StartError(`${folder}: ${explain(error)}`, EXIT.noInput, { cause: error });
  }
  throw new StartError(
    `${folder} is a file. Give a folder, or a manifest whose name ends with .jsonl.`,
    EXIT.noInput,
  );
}
