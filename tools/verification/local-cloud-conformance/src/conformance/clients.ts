import { afterAll } from 'vitest';

import { connectAws } from '@labelfleet/testkit/aws-clients';
import type { LocalCloudOptions } from '@labelfleet/testkit/local-cloud';
import { useLocalCloud, type UsedCloud } from '@labelfleet/testkit/use-local-cloud';
import { trackCreated } from './created.ts';
import { targetOf, type Need } from './target.ts';

export interface Clients extends Omit<UsedCloud, 'imageId'> {
  /** An image whose instances run until they are terminated. */
  readonly imageId: string;
  has(need: Need): boolean;
}

/** The target of the suite: its own local-cloud unless the environment names another. */
export function useTarget(options: LocalCloudOptions = {}): Clients {
  const { own, imageId, has } = targetOf(process.env);
  const used = own ? useLocalCloud(options) : useEnvironment();
  return Object.assign(used, { imageId, has: (need: Need) => has.has(need) });
}

/** The SDK reads endpoint, region and credentials from the environment. Everything created is deleted at the end. */
function useEnvironment() {
  const clients = connectAws();
  const deleteCreated = trackCreated(clients);
  afterAll(async () => {
    await deleteCreated();
    clients[Symbol.dispose]();
  });
  return { ...clients, endpoint: '' }; // cases that use the endpoint need `local`
}
