/** A classifier thread that does what the picture says: for tests of what happens when a thread dies. */
import { worker } from 'workerpool';

import type { ThreadMethods } from '../classifier-thread.ts';

const methods: ThreadMethods = {
  opened: async () => ({ kind: 'ready' }),
  async classify(image) {
    const order = Buffer.from(image).toString();
    if (order === 'exit') process.exit(7);
    if (order === 'throw elsewhere') {
      setImmediate(() => {
        throw new Error('nobody waits for this');
      });
    }
    if (order !== 'answer') await new Promise(() => undefined);
    return { kind: 'bad-image', reason: 'undecodable', detail: order };
  },
};
worker({ ...methods });
