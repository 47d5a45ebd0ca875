import type { Connection } from '@labelfleet/aws/provision';
import { connectS3, writeJson } from '@labelfleet/aws/store';
import {
  modelDescriptionCodec,
  modelDescriptionKeys,
  type ModelDescription,
} from '@labelfleet/contracts';

/** Stores what the model knows as a worker does, so that it is known before the first worker has started. */
export async function provisionModel(
  connection: Connection,
  stateBucket: string,
  description: ModelDescription,
): Promise<void> {
  const s3 = connectS3(connection);
  try {
    for (const key of modelDescriptionKeys(description))
      await writeJson(s3.store(stateBucket), key, description, modelDescriptionCodec);
  } finally {
    s3.close();
  }
}
