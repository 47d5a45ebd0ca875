import { afterAll, beforeAll } from 'vitest';

import { connectAws, type AwsClients } from './aws-clients.ts';
import { startLocalCloud, type LocalCloudOptions } from './local-cloud.ts';

/** The image of `useLocalCloud` whose instances run until they are terminated. */
export const STAYS = 'ami-stays';

export interface UsedCloud extends AwsClients {
  readonly endpoint: string;
  readonly imageId: typeof STAYS;
}

/** A local cloud for all tests of a file. It starts before the first one: read its properties in tests only. */
export function useLocalCloud({ images, ...options }: LocalCloudOptions = {}): UsedCloud {
  const stays = { command: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'] };
  const used = { imageId: STAYS } as UsedCloud;
  let stop = async () => {};
  beforeAll(async () => {
    const cloud = await startLocalCloud({ images: { [STAYS]: stays, ...images }, ...options });
    const clients = connectAws(cloud.endpoint);
    Object.assign(used, clients, { endpoint: cloud.endpoint });
    stop = async () => {
      clients[Symbol.dispose]();
      await cloud.stop();
    };
  });
  afterAll(() => stop());
  return used;
}
