import { imagenetClasses, type CatalogEntry } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { join } from 'node:path';
import { openProgress } from '../progress.ts';
import { download } from './download.ts';
import { installModel, requireFree } from './install.ts';
import { PartialFile } from './partial-file.ts';
import type { Trial } from './trial.ts';

export interface PullOptions {
  /** The base URL of the catalogue's paths. */
  from: URL;
  /** The model directory to create. */
  dir: string;
  /** The folder of interrupted downloads, which the next pull resumes. */
  partialDir: string;
  signal: AbortSignal;
  /** The stream that shows the progress. */
  terminal: NodeJS.WritableStream & { isTTY?: boolean };
  stallMs?: number;
  pauseMs?: number;
  /** The labels in class order. Default: ImageNet's. */
  labels?: readonly string[];
}

/**
 * Fetches a model of the catalogue, verifies it, tries it and installs it.
 * @throws StartError if it cannot be fetched, or is not the file that the catalogue describes
 */
export async function pullModel(entry: CatalogEntry, options: PullOptions): Promise<Trial> {
  const { from, dir, partialDir, signal, terminal, stallMs = 30_000, pauseMs = 1000 } = options;
  await requireFree(dir);
  const { name, version, bytes, sha256, input } = entry;
  const url = new URL(entry.path, from);
  const partial = new PartialFile(join(partialDir, `${sha256}.part`));
  using progress = openProgress({ name, total: bytes, formatAmount: megabytes }, terminal);
  const outcome = await download(
    { url, bytes, sha256 },
    { partial, signal, stallMs, pauseMs, onProgress: (have) => progress.update(have) },
  );
  if (outcome.kind === 'failed') {
    throw new StartError(
      `${name} cannot be fetched from ${url.href}: ${outcome.detail}.`,
      EXIT.unavailable,
    );
  }
  const labels = options.labels ?? (await imagenetClasses()).map(({ label }) => label);
  const trial = await installModel(
    { name, version, file: partial.path, labels, input },
    dir,
    signal,
  );
  await partial.discard();
  return trial;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
