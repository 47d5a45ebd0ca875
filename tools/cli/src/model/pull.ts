import { imagenetClasses, type CatalogEntry } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { join } from 'node:path';
import { openProgress } from '../progress.ts';
import { download } from './download.ts';
import { installModel, requireFree } from './install.ts';
import { PartialFile } from './partial-file.ts';
import type { Trial } from './trial.ts';

export interface Pulling {
  /** The address that the catalogue's paths are below. */
  from: URL;
  /** The model directory to make. */
  dir: string;
  /** Where downloads that break off wait to be gone on with. */
  partialDir: string;
  signal: AbortSignal;
  /** Where the progress is drawn. */
  terminal: NodeJS.WritableStream & { isTTY?: boolean };
  stallMs?: number;
  pauseMs?: number;
  /** In the order of the model's classes; ImageNet's, unless given. */
  labels?: readonly string[];
}

/**
 * Fetches a model of the catalogue, verifies it, tries it and puts it in its place.
 * @throws StartError when it cannot be had, or is another than the catalogue means
 */
export async function pullModel(entry: CatalogEntry, pulling: Pulling): Promise<Trial> {
  const { from, dir, partialDir, signal, terminal, stallMs = 30_000, pauseMs = 1000 } = pulling;
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
      `${name} cannot be had from ${url.href}: ${outcome.detail}.`,
      EXIT.unavailable,
    );
  }
  const labels = pulling.labels ?? (await imagenetClasses()).map(({ label }) => label);
  const trial = await installModel(
    { name, version, file: partial.path, labels, input },
    dir,
    signal,
  );
  await partial.discard();
  return trial;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
