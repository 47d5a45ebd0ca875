/** A classifier process that executes the command in the image, for tests of processes that end or exceed limits. */
import { ModelError } from '../model/model-error.ts';
import { serveParent } from '../process/serve-parent.ts';

const forEver = () => {
  for (;;);
};

/** Commands by the text of the image. Except for `answer`, they never return an outcome. */
const ORDERS: Record<string, (onDecoded: () => void) => void> = {
  exit: () => process.exit(7),
  abort: () => process.abort(),
  'be killed': () => process.kill(process.pid, 'SIGKILL'),
  'throw elsewhere': () =>
    setImmediate(() => {
      throw new Error('an uncaught error');
    }),
  wait: () => {},
  /** Blocks the thread like native code that never returns: no signal handler, timer or message runs. */
  hang: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  compute: forEver,
  'compute in inference': (onDecoded) => {
    onDecoded();
    forEver();
  },
  'take memory': takeMemory,
  'take memory in inference': (onDecoded) => {
    onDecoded();
    takeMemory();
  },
};

const answer = (detail: string) => ({
  kind: 'bad-image' as const,
  reason: 'undecodable' as const,
  detail,
});

/** Allocates memory as fast as possible. */
function takeMemory(): void {
  for (const taken: Buffer[] = []; ;) taken.push(Buffer.alloc(16 * 1024 * 1024, 1));
}

await serveParent(async ({ maxPixels }) => {
  if (maxPixels === 0) throw new ModelError('There is no model for 0 pixels.');
  return {
    async classify(image, _, onDecoded) {
      const order = Buffer.from(image).toString();
      if (order.startsWith('pid')) return answer(String(process.pid));
      if (order === 'answer') return answer(order);
      ORDERS[order]?.(onDecoded);
      return new Promise(() => {});
    },
  };
});
