import { expect, test } from 'vitest';
import { modelLine } from './model-line.ts';

const model = (name: string, classes: number) => ({
  ...{ v: 1 as const, name, version: '1', sha256: 'ab' },
  labels: Array.from({ length: classes }, (_, index) => `thing ${index}`),
});

test.each([
  [
    model('everyday-100', 100),
    'everyday-100/1: 100 things; for 1,000: npm run model -- pull mobilenet-v2',
  ],
  [model('resnet18-v1', 1000), 'resnet18-v1/1: 1,000 things'],
])('says what the model knows', (description, line) => {
  expect(modelLine(description)).toBe(line);
});
