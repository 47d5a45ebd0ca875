import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKSPACE } from './namespace.ts';

/** Sends an image whose result is not waited for. @throws Error if the gateway does not accept it */
export async function acceptImage(gateway: URL): Promise<void> {
  const answer = await fetch(new URL('/v1/classifications', gateway), {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', prefer: 'respond-async' },
    body: await readFile(join(WORKSPACE, 'examples/ladybug.jpg')),
  });
  if (answer.status !== 202) throw new Error(`the gateway answered ${answer.status}`);
}
