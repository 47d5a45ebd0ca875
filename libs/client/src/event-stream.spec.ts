import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStreamParser } from './event-stream.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function parse(...chunks: Uint8Array[]) {
  const parser = new EventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

const message = (data: string, { type = 'message', id = '' } = {}) => ({ type, data, id });

// The examples of the WHATWG standard (9.2.6), and what its grammar says beyond them.
test.each([
  ['lines of data', 'data: YHOO\ndata: +2\ndata: 10\n\n', [message('YHOO\n+2\n10')]],
  [
    'a comment, an id, an emptied id, and a block without an end',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event',
    [message('first event', { id: '1' }), message('second event')],
  ],
  ['data without a value', 'data\n\ndata\ndata\n\ndata:', [message(''), message('\n')]],
  [
    'one space after the colon',
    'data:test\n\ndata: test\n\ndata:  x\n\n',
    [message('test'), message('test'), message(' x')],
  ],
  [
    'a type for one event',
    'event: add\ndata: 1\n\ndata: 2\n\n',
    [message('1', { type: 'add' }), message('2')],
  ],
  ['an event without data', 'event: add\nid: 7\n\ndata: 1\n\n', [message('1', { id: '7' })]],
  [
    'an id that stays',
    'id: 7\ndata: 1\n\ndata: 2\n\n',
    [message('1', { id: '7' }), message('2', { id: '7' })],
  ],
  ['an id with NUL', 'id: 7\0\ndata: 1\n\n', [message('1')]],
  ['unknown fields', 'date: 1\nDATA: 2\n data: 3\nretry: 5\ndata: 4\n\n', [message('4')]],
  [
    'every kind of line end',
    'data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n',
    [message('1'), message('2'), message('3')],
  ],
  ['a byte order mark', '\uFEFFdata: 1\n\n', [message('1')]],
  ['a second byte order mark', '\uFEFF\uFEFFdata: 1\n\ndata: 2\n\n', [message('2')]],
])('reads %s', (_case, text, events) => {
  expect(parse(bytes(text))).toEqual(events);
});

test('reads an event whose CR ends a chunk before the LF comes', () => {
  const parser = new EventStreamParser();
  expect(parser.push(bytes('data: 1\r\n\r'))).toEqual([message('1')]);
  expect(parser.push(bytes('\ndata: 2\n\n'))).toEqual([message('2')]);
});

const line = fc.oneof(
  fc.constantFrom('data', 'data:', 'event: a', 'event:', 'id', 'id: \0', ':', 'x: y'),
  fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n\uFEFF]/g, '')}`),
  fc.nat(9).map((id) => `id: ${id}`),
);
const stream = fc
  .array(fc.tuple(fc.oneof(line, fc.constant('')), fc.constantFrom('\n', '\r', '\r\n')))
  .map((lines) => lines.flat().join(''));

test('reads the same events wherever the chunks end', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat()), (text, cuts) => {
      const all = bytes(text);
      const ends = [...cuts.map((cut) => cut % (all.length + 1)), all.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => all.subarray(ends[index - 1] ?? 0, end));
      expect(parse(...chunks)).toEqual(parse(all));
    }),
  );
});

test('reads the same events as a well-known parser', () => {
  fc.assert(
    fc.property(stream, (text) => {
      const expected: { type: string; data: string }[] = [];
      createParser({
        onEvent: ({ event, data }) => expected.push({ type: event || 'message', data }),
      }).feed(text);
      expect(parse(bytes(text)).map(({ type, data }) => ({ type, data }))).toEqual(expected);
    }),
  );
});
