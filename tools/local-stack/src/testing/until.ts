import { vi } from 'vitest';

/** Resolves when the condition holds. */
export const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 20_000, interval: 20 });
