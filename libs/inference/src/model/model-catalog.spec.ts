import { expect, it } from 'vitest';

import { imagenetClasses, parseClassList } from './class-list.ts';
import { inputSchema } from './manifest.ts';
import { CATALOG_ADDRESS, MODEL_CATALOG } from './model-catalog.ts';
import { PRESETS, presetFor } from './presets.ts';

it.each(MODEL_CATALOG.map((entry) => [entry.name, entry] as const))(
  '%s says all that is needed to fetch and to run it',
  (name, { path, version, bytes, sha256, input }) => {
    expect(new URL(path, CATALOG_ADDRESS).href).toBe(CATALOG_ADDRESS + path);
    expect(path).toContain(`-${version}`);
    expect(path.includes('int8')).toBe(name.endsWith('int8'));
    expect(bytes).toBeGreaterThan(1e6);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(inputSchema.parse(input)).toEqual(input);
  },
);

it('no two models share a name or a file', () => {
  for (const key of ['name', 'path', 'sha256'] as const) {
    expect(new Set(MODEL_CATALOG.map((entry) => entry[key])).size).toBe(MODEL_CATALOG.length);
  }
});

it('efficientnet-lite maps pixels to (x - 127) / 128', () => {
  const { scale, mean, std } = presetFor('efficientnet-lite', 224);
  expect([0, 127, 255].map((pixel) => (pixel * scale - mean[0]) / std[0])).toEqual([
    -127 / 128,
    0,
    1,
  ]);
});

it('tensorflow maps pixels to [-1, 1]', () => {
  const { scale, mean, std } = presetFor('tensorflow', 224);
  expect([0, 127.5, 255].map((pixel) => (pixel * scale - mean[0]) / std[0])).toEqual([-1, 0, 1]);
});

it.each(PRESETS)('%s crops 224 from 256 or uses the image unchanged', (preset) => {
  expect(presetFor(preset, 224).resize).toMatchObject(
    preset === 'raw' ? { mode: 'stretch', size: 224 } : { mode: 'shorter-side', size: 256 },
  );
});

it('ImageNet has 1,000 classes', async () => {
  const classes = await imagenetClasses();
  expect(classes).toHaveLength(1000);
  expect(classes[1]).toEqual({ id: 'n01443537', label: 'goldfish' });
  expect(new Set(classes.map(({ id }) => id)).size).toBe(1000);
});

it('a class list may have Windows line ends and a final empty line', () => {
  expect(parseClassList('n1\tox\r\nn2\tice cream\r\n\r\n')).toEqual([
    { id: 'n1', label: 'ox' },
    { id: 'n2', label: 'ice cream' },
  ]);
});
