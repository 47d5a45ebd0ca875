import type { JobLine } from '@labelfleet/client/jobs';
import { expect } from 'vitest';
import { judgeLines } from './judge-lines.ts';
import type { StoredImages } from './stored-images.ts';

/** Expects a line for each image, each once and with the right label or problem. */
export function expectLines(lines: readonly JobLine[], bucket: string, images: StoredImages): void {
  expect(judgeLines(lines, bucket, images)).toEqual({
    lost: [],
    double: [],
    foreign: [],
    wrong: [],
  });
  expect(lines).toHaveLength(images.expected.size);
}
