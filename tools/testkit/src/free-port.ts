import { once } from 'node:events';
import { createServer } from 'node:net';

import type { Random } from './random.ts';

/** A free port below the ephemeral range, so that no outgoing connection takes it while the server is down. */
export async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = 10_000 + random.below(10_000);
    const probe = createServer();
    const free = new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!(await free)) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
