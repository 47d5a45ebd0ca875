import type { ObjectStore } from '@labelfleet/aws/store';
import type { JobRequest } from '@labelfleet/client/jobs';
import { keyFilter } from '@labelfleet/jobs';
import { EXIT, explain, parseEnvironment, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { connectAws } from '../aws-command.ts';
import { openProgress } from '../progress.ts';
import { prefixOf, storeManifest, storeUserManifest } from './folder/manifest.ts';
import { scanFolder, type FailedFile, type ScannedFolder } from './folder/scan-folder.ts';
import { uploadImages, type Upload } from './folder/upload-images.ts';
import type { RunOptions } from './options.ts';
import { bytes, count } from './text.ts';

/** What the service is told to classify. */
export interface PreparedSource {
  source: JobRequest['source'];
  /** The source names the images and never changes. */
  isFixed: boolean;
  /** Files that could not be uploaded. */
  failed: readonly FailedFile[];
  /** Of the images of a folder. */
  bytes?: number;
}

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  INPUT_BUCKET: z.string().optional(),
});

const say = (line: string) => void process.stderr.write(`${line}\n`);

/**
 * Uploads what is only here; for a dry run only the list of the images.
 * @throws the signal's reason; StartError if there are no images; AwsCallError
 */
export async function prepareSource(
  { source, include, exclude, dryRun }: RunOptions,
  signal: AbortSignal,
): Promise<PreparedSource> {
  const patterns = {
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
  };
  switch (source.kind) {
    case 'prefix':
      return { source: { prefix: source.prefix, ...patterns }, isFixed: false, failed: [] };
    case 'manifest':
      return { source: { manifest: source.address }, isFixed: false, failed: [] };
    case 'local-manifest': {
      using uploads = openUploads();
      const list = await readFile(source.file).catch((error: unknown) => {
        throw new StartError(`${source.file}: ${explain(error)}`, EXIT.noInput, { cause: error });
      });
      const manifest = await storeUserManifest(source.file, list, uploads.store);
      return { source: { manifest }, isFixed: true, failed: [] };
    }
    case 'folder': {
      using uploads = openUploads();
      const scanned = await scanFolder(source.folder, keyFilter(patterns));
      return await prepareFolder(source.folder, scanned, { ...uploads, dryRun, signal });
    }
  }
}

async function prepareFolder(
  folder: string,
  { images, failed, leftOut }: ScannedFolder,
  { store, dryRun, signal }: { store: ObjectStore; dryRun: boolean; signal: AbortSignal },
): Promise<PreparedSource> {
  if (leftOut.size > 0) say(`Left out, as no images by their names: ${endings(leftOut)}.`);
  if (images.length === 0)
    throw new StartError(`${folder}: ${failed[0]?.detail ?? 'No image matches.'}`, EXIT.noInput);
  const prefix = prefixOf(folder);
  const total = images.reduce((sum, image) => sum + image.bytes, 0);
  const toUpload = `${count(images.length)} images, ${bytes(total)}`;
  if (dryRun) {
    const listed = images.map(({ path }) => ({ path, key: prefix + path, etag: '' }));
    const manifest = await storeManifest(listed, prefix, store);
    say(`Not uploaded: ${toUpload}. The upload comes before the job.`);
    return { source: { manifest }, isFixed: true, failed, bytes: total };
  }
  say(`Uploading ${toUpload}, to s3://${store.bucket}/${prefix}`);
  let upload: Upload;
  {
    using progress = openProgress({ name: 'upload', total, formatAmount: bytes }, process.stderr);
    const onProgress = (done: number) => progress.update(done);
    upload = await uploadImages(images, { store, folder, prefix, signal, onProgress });
  }
  const there = upload.images.length - upload.sent;
  say(`Uploaded ${count(upload.sent)} images${there > 0 ? `; ${count(there)} were there` : ''}.`);
  const manifest = await storeManifest(upload.images, prefix, store);
  return { source: { manifest }, isFixed: true, failed: [...failed, ...upload.failed] };
}

/** Opens the bucket that callers upload to. */
function openUploads(): Disposable & { store: ObjectStore } {
  const env = parseEnvironment(environment, process.env);
  if (env.INPUT_BUCKET === undefined)
    throw new StartError(
      'INPUT_BUCKET is not set. Name the input bucket of the service, with AWS credentials that may write there.',
      EXIT.config,
    );
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
