import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvFields, csvLine } from '@labelfleet/cli/csv';
import { parseExpectations } from './expectations.ts';

test.each([
  { of: 'plain lines', text: 'a.jpg,cat\nb.jpg,dog\n', labels: { 'a.jpg': 'cat', 'b.jpg': 'dog' } },
  { of: 'a header', text: 'file,label\na.jpg,cat', labels: { 'a.jpg': 'cat' } },
  { of: 'quotes', text: 'a.jpg,"bow, arrow"', labels: { 'a.jpg': 'bow, arrow' } },
  { of: 'further fields', text: 'a.jpg,cat,12.5,', labels: { 'a.jpg': 'cat' } },
  { of: 'folders', text: 'photos/a.jpg,cat', labels: { 'a.jpg': 'cat' } },
  {
    of: 'what npm run classify prints',
    text: '\n> labelfleet@0.1.0 classify\n> node classify.ts\n\nphotos/a.jpg\ttabby, cat\t0.93\r\n',
    labels: { 'a.jpg': 'tabby, cat' },
  },
])('parses expected labels from $of', ({ text, labels }) => {
  expect(Object.fromEntries(parseExpectations(text))).toEqual(labels);
});

test.each([
  { text: 'a.jpg,cat\nb.jpg', fault: 'line 2: the line must be file,label' },
  { text: 'a.jpg\t\t0.5', fault: 'line 1: the line must be file,label' },
  {
    text: 'x/a.jpg,cat\ny/a.jpg,dog',
    fault: 'line 2: a.jpg has the label dog, but an earlier line says cat',
  },
])('refuses expectations: $fault', ({ text, fault }) => {
  expect(() => parseExpectations(text)).toThrow(fault);
});

test('parses every line of CSV that it writes', () => {
  const field = fc.string().filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      expect(csvFields(csvLine(fields))).toEqual(fields);
    }),
  );
});
