import { writeJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  modelDescriptionCodec,
  modelDescriptionKeys,
  type ModelDescription,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';

/**
 * Stores what this worker's model knows, for gateways. Never rejects: no classification needs it, and the next worker
 * stores it again.
 * @param state the state bucket
 */
export async function publishModel(
  state: Pick<ObjectStore, 'put'>,
  description: ModelDescription,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  try {
    for (const key of modelDescriptionKeys(description))
      await writeJson(state, key, description, modelDescriptionCodec);
  } catch (error) {
    log.warn({ event: 'model.publish-failed', error }, 'description of the model not stored');
  }
}
