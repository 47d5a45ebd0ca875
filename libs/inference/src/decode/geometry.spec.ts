import { expect, it } from 'vitest';

import { planGeometry } from './geometry.ts';

const cropped = (size: number, side: number) =>
  ({
    width: side,
    height: side,
    resize: { mode: 'shorter-side', size, kernel: 'linear' },
    crop: 'center',
  }) as const;

it.each([
  // 500 x 375 -> 341.33 x 256, rounded down; (341 - 224) / 2 = 58.5, to even 58
  [{ width: 500, height: 375 }, 256, 224, { width: 341, height: 256 }, { left: 58, top: 16 }],
  [{ width: 375, height: 500 }, 256, 224, { width: 256, height: 341 }, { left: 16, top: 58 }],
  // (343 - 224) / 2 = 59.5, to even 60
  [{ width: 343, height: 256 }, 256, 224, { width: 343, height: 256 }, { left: 60, top: 16 }],
  [{ width: 64, height: 64 }, 64, 64, { width: 64, height: 64 }, { left: 0, top: 0 }],
  [{ width: 1, height: 3 }, 32, 32, { width: 32, height: 96 }, { left: 0, top: 32 }],
])('resizes %o to %i and crops the centre %i', (image, size, side, resized, offset) => {
  expect(planGeometry(image, cropped(size, side))).toEqual({
    resized,
    kernel: 'linear',
    window: { ...offset, width: side, height: side },
  });
});

it('stretches both sides to the same length', () => {
  const resize = { mode: 'stretch', size: 48, kernel: 'cubic' } as const;
  const input = { width: 48, height: 48, resize, crop: 'none' } as const;
  expect(planGeometry({ width: 500, height: 20 }, input)).toEqual({
    resized: { width: 48, height: 48 },
    kernel: 'cubic',
    window: { left: 0, top: 0, width: 48, height: 48 },
  });
});

it('returns undefined for an image that is used unchanged', () => {
  const input = { width: null, height: null, resize: { mode: 'none' }, crop: 'none' } as const;
  expect(planGeometry({ width: 500, height: 20 }, input)).toBeUndefined();
});
