import { parseReceivers, type Receiver } from '@labelfleet/gateway/receivers';
import type { ObjectStore } from '@labelfleet/aws/store';
import { changeStoredFile, readStoredFile } from '@labelfleet/cli/stored-file';
import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { ACCESS_OBJECTS } from '../variables.ts';

/**
 * Replaces the webhook receivers of a deployment.
 * @param text of a receivers file
 * @returns their names
 * @throws StartError that names every fault, and no secret
 */
export async function putReceivers(state: ObjectStore, text: string): Promise<string[]> {
  const receivers = readReceivers(text);
  await changeStoredFile(state, ACCESS_OBJECTS.receivers, () => text);
  return [...receivers.keys()];
}

/** Name and URL of each receiver, without secrets. */
export async function receiverLines(state: Pick<ObjectStore, 'get'>): Promise<string[]> {
  const stored = await readStoredFile(state, ACCESS_OBJECTS.receivers);
  if (stored === undefined) return [];
  return [...readReceivers(stored.text).values()].map(({ name, url }) => `${name}\t${url.href}`);
}

/** Says that everybody may use the gateway, if that is so. */
export async function openDoorWarning(
  allowFrom: string,
  state: Pick<ObjectStore, 'head'>,
): Promise<string | undefined> {
  if (!allowFrom.endsWith('/0') || (await state.head(ACCESS_OBJECTS.apiKeys)) !== null) {
    return undefined;
  }
  return 'Everybody may use this gateway, because it has no API keys. Add one: npm run aws -- keys add CALLER';
}

function readReceivers(text: string): ReadonlyMap<string, Receiver> {
  try {
    return parseReceivers(text, { allowLoopback: false });
  } catch (error) {
    throw new StartError(`The receivers cannot be used: ${explain(error)}`, EXIT.config, {
      cause: error,
    });
  }
}
