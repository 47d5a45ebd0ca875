import { describe, expect, it } from 'vitest';

import { parseUsage, readUsage, usedBetween } from './process-usage.ts';

const status = 'Name:\tnode\nVmHWM:\t  999999 kB\nVmRSS:\t  200000 kB\nVmSwap:\t    5000 kB\n';

describe('the resource usage of a process', () => {
  // proc_pid_stat(5): pid, name in parentheses, state, ... utime (14) and stime (15) in hundredths of a second.
  it.each([
    ['a plain name', '17 (node) S 1 17 17 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 11 0 3055'],
    ['a name like fields', '17 (a) b (c) R 1 17 17 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 11 0 1'],
  ])('is parsed after %s', (_, stat) => {
    expect(parseUsage(stat, status)).toEqual({ cpuMs: 2_000, memoryBytes: 205_000 * 1024 });
  });

  it('has no memory when the process is a zombie', () => {
    const stat = '17 (node) Z 1 17 17 0 -1 4194304 100 0 0 0 150 50 0 0';
    expect(parseUsage(stat, 'Name:\tnode\nState:\tZ (zombie)\n').memoryBytes).toBe(0);
  });

  it.runIf(process.platform === 'linux')('is read for a running process', () => {
    const before = readUsage(process.pid);
    const now = readUsage(process.pid);
    if (before === undefined || now === undefined) throw new Error('not read');
    expect(now.memoryBytes).toBeGreaterThan(10_000_000);
    expect(usedBetween(before, now).cpuMs).toBeGreaterThanOrEqual(0);
  });

  it('is undefined when the process does not exist', () => {
    expect(readUsage(2 ** 30)).toBeUndefined();
  });
});
