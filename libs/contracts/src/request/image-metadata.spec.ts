import { expect, test } from 'vitest';
import { decodeImageMetadata, encodeImageMetadata, type ImageRequest } from './image-metadata.ts';

const NOTHING: ImageRequest = {
  ...{ fileName: undefined, topK: 5, replyTo: undefined },
  ...{ deadlineAt: undefined, traceparent: undefined },
};
const EVERYTHING: ImageRequest = {
  fileName: 'Köln 写真.jpg',
  topK: 3,
  replyTo: 'https://sqs.us-east-1.amazonaws.com/000000000000/labelfleet-replies-1',
  deadlineAt: '2026-01-01T00:00:00.000Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

test.each([
  ['everything', EVERYTHING],
  ['the required fields only', NOTHING],
])('encodes a request as ASCII metadata and decodes it: %s', (_, request) => {
  const metadata = encodeImageMetadata(request);
  expect(decodeImageMetadata(metadata)).toEqual(request);
  expect(Object.values(metadata).join('')).toMatch(/^[\x20-\x7e]*$/);
});

test('encodes the longest request within the 2 KB of S3', () => {
  const longest = { ...EVERYTHING, fileName: `${'%'.repeat(255)}`, topK: 10 };
  const bytes = Object.entries(encodeImageMetadata(longest)).flat().join('').length;
  expect(bytes).toBeLessThan(2048);
});

test.each<[string, Record<string, string>, Partial<ImageRequest>]>([
  ['is empty', {}, {}],
  ['is of an earlier version', { 'file-name': 'K%C3%B6ln.jpg' }, { fileName: 'Köln.jpg' }],
  ['has an invalid percent-encoding', { 'file-name': '100%.jpg' }, { fileName: '100%.jpg' }],
  ['has empty values', { 'file-name': '', 'top-k': '', 'deadline-at': '', 'reply-to': '' }, {}],
  ['has invalid values', { 'top-k': '99', 'deadline-at': 'soon', 'reply-to': 'me' }, {}],
])('decodes metadata that %s', (_, metadata, expected) => {
  expect(decodeImageMetadata(metadata)).toEqual({ ...NOTHING, ...expected });
});
