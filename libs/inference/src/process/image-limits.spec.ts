import { expect, it } from 'vitest';

import { judgeUsage, type Phase } from './image-limits.ts';

const limits = { maxDecodeMs: 10_000, maxMemoryBytes: 1_500_000_000 };

it.each<[Phase, number, number, string | undefined]>([
  ['decoding', 10_000, 1_500_000_000, undefined],
  ['decoding', 10_010, 0, 'bad-image: The image takes more than 10 s of computing to decode'],
  [
    'decoding',
    0,
    1_500_000_001,
    'bad-image: The image takes more than 1500 MB of memory to decode',
  ],
  // Only MAX_ATTEMPT_SECONDS limits the time of inference.
  ['inferring', 50_000, 1_500_000_000, undefined],
  ['inferring', 0, 1_500_000_001, 'failed: inference took more than 1500 MB of memory'],
  // The process has freed memory since it received the image.
  ['decoding', 0, -50_000_000, undefined],
])('%s with %i ms and %i bytes used: %s', (phase, cpuMs, memoryBytes, expected) => {
  const over = judgeUsage(phase, { cpuMs, memoryBytes }, limits);
  if (expected === undefined) expect(over).toBeUndefined();
  else expect(`${over?.kind}: ${over?.detail}`).toContain(expected);
});
