import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { blockOtherLoaders } from './loaders.ts';
import { plain } from '../testing/images.ts';

blockOtherLoaders();

describe('libvips', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('loads %s', async (format) => {
    const bytes = await plain('#123', { width: 32, height: 32 }).toFormat(format).toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 32 });
  });

  it.each([
    ['an SVG drawing', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['an SVG drawing after a comment', '<!--ftypavif--><svg width="9" height="9"/>'],
    ['a table', '1,2,3\n4,5,6\n'],
    ['a matrix', '2 1\n1 2\n'],
    ['the libvips format', '\x08\xf2\xa6\xb6'.padEnd(100, '\0')],
  ])('does not load %s', async (_, text) => {
    await expect(sharp(Buffer.from(text, 'latin1')).metadata()).rejects.toThrow('unsupported');
  });
});
