import { describe, expect, it } from 'vitest';

import { labelCountFault, parseLabelList, parseLabels } from './labels.ts';

const animals = { labels: ['ox', 'ice bear', 'bee'] };

describe('labels.txt of a model directory', () => {
  it.each([
    ['lines', 'ox\nice bear\nbee\n'],
    ['Windows line ends and a byte order mark', '\uFEFFox\r\nice bear\r\nbee\r\n'],
    ['lines without a final line break', 'ox\nice bear\nbee'],
  ])('is read from %s', (_, text) => {
    expect(parseLabels(text)).toEqual(animals);
  });

  it.each([
    ['a tab', 'ox\nice\tbear', 'has a tab on line 2, which a label must not contain'],
    [
      'a NUL, as UTF-16 has them',
      'o\0x\0',
      'has characters that are not text on line 1. Save it as UTF-8',
    ],
    ['what is not UTF-8', 'ox\nb\uFFFDe', 'has characters that are not text on line 2'],
    ['an empty line', 'ox\n\nbee', 'has no label on line 2'],
  ])('may not hold %s', (_, text, fault) => {
    expect(parseLabels(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});

describe('a list of labels', () => {
  it.each([
    ['labels', 'ox\nice bear\nbee\n\n\n'],
    ['WordNet ids and labels', 'n02403003\tox\nn02134084\tice bear\nn02206856\tbee\n'],
    [
      'ids and labels with a header and Windows line ends',
      'id\tlabel\r\nn1\tox\r\nn2\tice bear\r\nn3\tbee\r\n',
    ],
    ['class numbers from 0', '0\tox\n1\tice bear\n2\tbee'],
    ['class numbers in another order', '2\tice bear\n3\tbee\n1\tox'],
    ['numbers that are not class numbers', '10\tox\n7\tice bear\n99\tbee'],
  ])('is read from lines of %s', (_, text) => {
    expect(parseLabelList(text)).toEqual(animals);
  });

  it.each([
    ['two tabs', 'n1\tox\tbig\nn2\tbee', 'has 2 tabs on line 1, but one on other lines'],
    ['no tab among others', 'n1\tox\nbee', 'has no tab on line 2, but one on other lines'],
    ['an id without a label', 'n1\tox\nn2\t\nn3\tbee', 'has no label on line 2'],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\n', 'is a Git LFS pointer'],
  ])('is refused with %s', (_, text, fault) => {
    expect(parseLabelList(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});

it.each([
  [1001, 1000, true],
  [91, 90, true],
  [1000, 1001, false],
  [1000, 998, false],
])('%i values for %i labels hint at a background class: %s', (values, labels, hints) => {
  expect(labelCountFault(values, labels).includes('--background')).toBe(hints);
});
