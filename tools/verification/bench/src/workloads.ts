import { embeddedModelDir } from '@labelfleet/inference';
import { listImages } from '@labelfleet/loadgen/image-files';
import { writeResnet18 } from '@labelfleet/model-training/resnet18';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';

export const WORKLOADS = ['photos', 'pictures', 'resnet18'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

export interface Workload {
  name: WorkloadName;
  files: string[];
  modelDir: string;
}

const WORKSPACE = join(import.meta.dirname, '../../../..');
/** Real images, which are not part of the repository. The examples of the repository replace them. */
const FIXTURES = join(WORKSPACE, '../shared/fixtures');
const PICTURE_SIDE = 64;

/** @param folder takes the files that have to be made */
export async function prepareWorkload(name: WorkloadName, folder: string): Promise<Workload> {
  const fixtures = (folder: string) =>
    existsSync(join(FIXTURES, folder)) ? listImages(join(FIXTURES, folder)) : undefined;
  const photos = (await fixtures('photos')) ?? (await listImages(join(WORKSPACE, 'examples')));
  switch (name) {
    case 'photos':
      return { name, files: photos, modelDir: embeddedModelDir };
    case 'pictures':
      return {
        name,
        files: (await fixtures('imagenet-100')) ?? (await shrink(photos, join(folder, name))),
        modelDir: embeddedModelDir,
      };
    case 'resnet18':
      return { name, files: photos, modelDir: await writeResnet18(join(folder, name)) };
  }
}

async function shrink(photos: readonly string[], folder: string): Promise<string[]> {
  await mkdir(folder);
  return await Promise.all(
    photos.map(async (photo) => {
      const file = join(folder, `${basename(photo)}.jpg`);
      await sharp(photo).resize(PICTURE_SIDE, PICTURE_SIDE).jpeg().toFile(file);
      return file;
    }),
  );
}
