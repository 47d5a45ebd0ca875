import { ModelError } from '@labelfleet/inference';
import {
  decodeManifest,
  observeOutputKind,
  type ModelInput,
  type ModelOutput,
} from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MAX_PIXELS } from '../open-model.ts';
import { sampleImage, tryModel, type Trial } from './trial.ts';

export interface NewModel {
  name: string;
  version: string;
  /** The path of the ONNX file, which is copied. */
  file: string;
  labels: readonly string[];
  input: ModelInput;
  /** If undefined, it is detected from the model's output. */
  kind?: ModelOutput['kind'] | undefined;
}

/**
 * Creates a model directory under a temporary name, tries it there, and then renames it. If a step fails, nothing is
 * left.
 * @throws StartError if the directory exists and is not empty, or the model cannot be used as described
 */
export async function installModel(
  model: NewModel,
  dir: string,
  signal: AbortSignal,
): Promise<Trial> {
  await requireFree(dir);
  const created = await mkdir(dirname(dir), { recursive: true });
  const staging = await mkdtemp(join(dirname(dir), '.incoming-'));
  try {
    await writeModelDir(model, staging);
    signal.throwIfAborted();
    const trial = await tryModel(staging, 3);
    signal.throwIfAborted();
    // mkdtemp creates a folder that only its owner can read, and the service may run as another user.
    await chmod(staging, 0o755);
    await rename(staging, dir);
    return trial;
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof StartError)) throw error;
    throw new StartError(
      error.message.replaceAll(join(staging, 'model.onnx'), model.file),
      EXIT.noInput,
      { cause: error },
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
    if (created !== undefined) await removeEmpty(dirname(dir), created);
  }
}

/** Removes empty folders from the innermost outwards. */
async function removeEmpty(inner: string, outermost: string): Promise<void> {
  for (let folder = inner; folder.startsWith(outermost); folder = dirname(folder)) {
    if ((await readdir(folder)).length > 0) return;
    await rmdir(folder);
  }
}

/** @throws StartError if the directory exists and is not empty */
export async function requireFree(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new StartError(
    `${dir} exists already. Remove it, or choose another directory with --to.`,
    EXIT.cannotCreate,
  );
}

async function writeModelDir(model: NewModel, dir: string): Promise<void> {
  const file = join(dir, 'model.onnx');
  await copyFile(model.file, file);
  await writeFile(join(dir, 'labels.txt'), `${model.labels.join('\n')}\n`);
  const describe = (kind: ModelOutput['kind']) => ({
    format: 1,
    name: model.name,
    version: model.version,
    file: 'model.onnx',
    sha256,
    labels: 'labels.txt',
    input: model.input,
    output: { kind },
  });
  const sha256 = await sha256Of(file);
  const manifest = decodeManifest(JSON.stringify(describe(model.kind ?? 'logits')));
  if (manifest.kind === 'malformed') {
    throw new ModelError(`The preprocessing does not fit the model: ${manifest.reason}`);
  }
  const read = { manifest: manifest.value, file, labels: [...model.labels] };
  const kind =
    model.kind ?? (await observeOutputKind(read, await readFile(sampleImage), MAX_PIXELS));
  const text = JSON.stringify(describe(kind), undefined, 2);
  await writeFile(join(dir, 'manifest.json'), `${text}\n`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
