import type { JobRequest } from '@labelfleet/client/jobs';
import { keyFilter } from '@labelfleet/jobs';
import { EXIT, explain, parseEnvironment, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { connectAws } from '../aws-command.ts';
import { openProgress } from '../progress.ts';
import { prefixOf, storeManifest, storeUserManifest } from './folder/manifest.ts';
import { scanFolder, type FailedFile, type ScannedFolder } from './folder/scan-folder.ts';
import { uploadImages } from './folder/upload-images.ts';
import type { RunOptions } from './options.ts';
import { bytes, count } from './text.ts';

/** What the service is told to classify. */
export interface PreparedSource {
  source: JobRequest['source'];
  /** The source names the images and never changes. */
  isFixed: boolean;
  /** Files that could not be uploaded. */
  failed: readonly FailedFile[];
}

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  INPUT_BUCKET: z.string(),
});

/**
 * Uploads what is only here.
 * @throws the signal's reason; StartError if there are no images; AwsCallError
 */
export async function prepareSource(
  { source, include, exclude }: RunOptions,
  signal: AbortSignal,
): Promise<PreparedSource> {
  switch (source.kind) {
    case 'prefix':
      return {
        source: {
          prefix: source.prefix,
          ...(include.length > 0 && { include }),
          ...(exclude.length > 0 && { exclude }),
        },
        ...{ isFixed: false, failed: [] },
      };
    case 'manifest':
      return { source: { manifest: source.address }, isFixed: false, failed: [] };
    case 'local-manifest': {
      const text = await readFile(source.file).catch((error: unknown) => {
        throw new StartError(`${source.file}: ${explain(error)}`, EXIT.noInput, { cause: error });
      });
      using uploads = openUploads();
      const manifest = await storeUserManifest(source.file, text, uploads.store);
      return { source: { manifest }, isFixed: true, failed: [] };
    }
    case 'folder': {
      const patterns = { include: include.length > 0 ? include : undefined, exclude };
      const scanned = await scanFolder(source.folder, keyFilter(patterns));
      return await uploadFolder(source.folder, scanned, signal);
    }
  }
}

async function uploadFolder(
  folder: string,
  { images, failed, leftOut }: ScannedFolder,
  signal: AbortSignal,
): Promise<PreparedSource> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  if (leftOut.size > 0) say(`Left out, as no images by their names: ${endings(leftOut)}.`);
  if (images.length === 0)
    throw new StartError(`${folder}: ${failed[0]?.detail ?? 'No image matches.'}`, EXIT.noInput);
  using uploads = openUploads();
  const { store } = uploads;
  const prefix = prefixOf(folder);
  const total = images.reduce((sum, image) => sum + image.bytes, 0);
  say(
    `Uploading ${count(images.length)} images, ${bytes(total)}, to s3://${store.bucket}/${prefix}`,
  );
  const uploaded = await (async () => {
    using progress = openProgress({ name: 'upload', total, formatAmount: bytes }, process.stderr);
    const onProgress = (done: number) => progress.update(done);
    return await uploadImages(images, { store, folder, prefix, signal, onProgress });
  })();
  say(
    `Uploaded: ${count(uploaded.sent)} sent, ${count(uploaded.images.length - uploaded.sent)} were there.`,
  );
  const manifest = await storeManifest(uploaded.images, prefix, store);
  return { source: { manifest }, isFixed: true, failed: [...failed, ...uploaded.failed] };
}

function openUploads() {
  const env = parseEnvironment(environment, process.env);
  const aws = connectAws(env);
  return {
    store: aws.s3.store(env.INPUT_BUCKET),
    [Symbol.dispose]: () => aws[Symbol.dispose](),
  };
}

const endings = (leftOut: ReadonlyMap<string, number>) =>
  [...leftOut]
    .sort(([, a], [, b]) => b - a)
    .map(([ending, files]) => `${count(files)} ${ending}`)
    .join(', ');
