import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { parseLabels } from './labels.ts';
import { decodeManifest, type Manifest } from './manifest.ts';
import { ModelError } from './model-error.ts';
import { isLfsPointer, LFS_POINTER_FAULT, requireRealFile, unreadable } from './model-file.ts';

/** A model directory whose files have been read and whose model file has the manifest's hash. */
export interface ModelDir {
  manifest: Manifest;
  /** Path of the model file. */
  file: string;
  /** In class order. */
  labels: string[];
}

/**
 * Reads the manifest, the model file and the labels of a model directory. Does not open the model.
 * @throws ModelError that names the first file that is missing or invalid
 */
export async function readModelDir(dir: string): Promise<ModelDir> {
  const text = await readModelFile(dir, 'manifest.json');
  if (isLfsPointer(text))
    throw new ModelError(`${join(dir, 'manifest.json')} ${LFS_POINTER_FAULT}.`);
  const manifest = decodeManifest(text);
  if (manifest.kind === 'malformed') {
    throw new ModelError(
      `${join(dir, 'manifest.json')} is not a model manifest: ${manifest.reason}`,
    );
  }
  const { file, sha256, labels } = manifest.value;
  const path = join(dir, file);
  await requireRealFile(path);
  const actual = await sha256Of(path);
  if (actual !== sha256) {
    throw new ModelError(
      `${path} is not the file that the manifest names: its SHA-256 is ${actual}, not ${sha256}.`,
    );
  }
  return { manifest: manifest.value, file: path, labels: await readLabels(dir, labels) };
}

async function readLabels(dir: string, name: string): Promise<string[]> {
  const list = parseLabels(await readModelFile(dir, name));
  if ('fault' in list) throw new ModelError(`${join(dir, name)} ${list.fault}.`);
  return list.labels;
}

async function readModelFile(dir: string, name: string): Promise<string> {
  try {
    return await readFile(join(dir, name), 'utf8');
  } catch (error) {
    throw unreadable(join(dir, name), error);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw unreadable(path, error);
  }
  return hash.digest('hex');
}
