/** Opens a pool of one process, prints its process id, sends it a command, and waits to be killed. */
import { fileURLToPath } from 'node:url';

import { ClassifierPool } from '../process/classifier-pool.ts';
import { embeddedModelDir } from '../model/embedded-model.ts';
import { DEFAULT_LIMITS } from '../process/image-limits.ts';
import { readModelDir } from '../model/model-dir.ts';

const pool = await ClassifierPool.open(
  { name: 'fragile', version: '1', sha256: '' },
  {
    script: fileURLToPath(new URL('./fragile-child.ts', import.meta.url)),
    setup: { model: await readModelDir(embeddedModelDir), maxPixels: 1 },
    limits: DEFAULT_LIMITS,
    processes: 1,
  },
);
const tell = (order: string) => pool.classify(Buffer.from(order), { topK: 1 });
const pid = await tell('pid');
const order = tell(process.argv[2] ?? 'wait');
process.stdout.write(pid.kind === 'bad-image' ? pid.detail : '');
await order;
