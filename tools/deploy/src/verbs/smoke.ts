import type { Fleet } from '@labelfleet/aws/fleet';
import { EXIT, explain, StartError, type Clock } from '@labelfleet/runtime';
import { FLEET_TAG } from './names.ts';
import { waitFor } from './wait.ts';

export interface SmokeDeps {
  fleet: Pick<Fleet, 'list'>;
  clock: Clock;
  tell: (line: string) => void;
}

export interface SmokeTest {
  fleetName: string;
  url: URL;
  image: Uint8Array<ArrayBuffer>;
  expectedLabel: string;
  /** Of a deployment that has keys. */
  apiKey?: string | undefined;
}

/** Sends an image to a deployment, expects its label, and then that the fleet goes back to zero. */
export async function smokeTest(
  { fleetName, url, image, expectedLabel, apiKey }: SmokeTest,
  { fleet, clock, tell }: SmokeDeps,
  pollMs = 5000,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'image/jpeg',
      prefer: 'wait=180',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: image,
  }).catch((error: unknown) => {
    throw new StartError(`${url.href} does not answer. ${explain(error)}`, EXIT.unavailable, {
      cause: error,
    });
  });
  const text = await answer.text();
  if (answer.status === 401) {
    throw new StartError(
      'The deployment has API keys, and got none of them. Set LABELFLEET_API_KEY.',
      EXIT.config,
    );
  }
  if (answer.status !== 200 || text.trim() !== expectedLabel) {
    throw new StartError(
      `Expected 200 and ${expectedLabel}; got ${answer.status} and ${text}.`,
      EXIT.software,
    );
  }
  tell(`${expectedLabel} after ${((clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s`);
  const live = async () => {
    const instances = await fleet.list(FLEET_TAG, fleetName);
    return instances.filter(({ state }) => state !== 'terminated').length;
  };
  tell(`${await live()} workers; waiting until there is none`);
  const wait = { clock, limitMs: 15 * 60_000, pollMs };
  await waitFor('the fleet is empty', async () => (await live()) === 0, wait);
  tell('the fleet is empty');
}
