import { expect, test } from 'vitest';
import { failedBootsLine, type FailedBoots } from './failed-boots-line.ts';

const failed = (count: number, overrides: Partial<FailedBoots> = {}): FailedBoots => ({
  count,
  since: '2026-01-01T00:00:00.000Z',
  last: `2026-01-01T00:00:${String(count).padStart(2, '0')}.000Z`,
  cause: 'silent',
  message: 'it fell silent',
  nextLaunchAt: null,
  ...overrides,
});

test.each<
  [string, FailedBoots | undefined, FailedBoots | undefined | 'unknown', RegExp | undefined]
>([
  ['nothing fails', undefined, undefined, undefined],
  ['the first fails', undefined, failed(1), /^A worker failed .*silent: it fell silent.*in logs/],
  ['that was reported before', failed(1), failed(1), undefined],
  ['another one fails', failed(1), failed(2), /^2 workers in a row failed/],
  ['the fleet cannot be seen', failed(1), 'unknown', undefined],
  ['one comes good', failed(2), undefined, /no longer fail/],
  [
    'the next launch has to wait',
    failed(1),
    failed(3, { nextLaunchAt: '2026-01-01T00:00:10.000Z' }),
    /launched at \d\d:\d\d:10 at the earliest/,
  ],
])('%s', (_, before, now, said) => {
  const line = failedBootsLine(before, now, 'logs');
  if (said === undefined) expect(line).toBeUndefined();
  else expect(line).toMatch(said);
});
