import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCsv, toJson, toText } from './export.ts';
import type { Row } from '../state/state.ts';

const base = { id: 'a', key: 'k', size: 1, sent: 1, tries: 0, notBefore: 0, hasFile: true };
const rows: Row[] = [
  {
    ...base,
    name: '=cmd|x.jpg',
    phase: 'succeeded',
    requestId: 'r1',
    result: {
      id: 'r1',
      status: 'succeeded',
      label: 'carton, "box"',
      predictions: [{ label: 'carton, "box"', score: 0.5, classIndex: 1 }],
      model: { name: 'm', version: '1', sha256: 'x' },
      completedAt: '2026-11-22T05:12:49.186Z',
    },
  },
  {
    ...base,
    name: 'b.jpg',
    phase: 'failed',
    failure: { title: 'Too large', detail: 'Make it smaller.', canRetry: false },
  },
  { ...base, name: 'c.jpg', phase: 'queued' },
];

test('exports CSV that no spreadsheet runs', () => {
  expect(toCsv(rows)).toBe(
    [
      'file,status,label,score,problem,id,model,completedAt,usd',
      `'=cmd|x.jpg,succeeded,"carton, ""box""",0.5,,r1,m 1,2026-11-22T05:12:49.186Z,`,
      'b.jpg,failed,,,Too large. Make it smaller.,,,,',
      'c.jpg,waiting,,,,,,,',
      '',
    ].join('\r\n'),
  );
});

test('prefixes every cell that could be a formula', () => {
  const [queued] = rows.slice(2);
  fc.assert(
    fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string(), (sign, rest) => {
      const line = toCsv([{ ...queued, name: sign + rest } as Row])
        .split('\r\n')
        .slice(1)
        .join('');
      expect(line).toMatch(/^"?'/);
    }),
  );
});

test('exports JSON with the failures', () => {
  expect(JSON.parse(toJson(rows))).toMatchObject([
    { fileName: '=cmd|x.jpg', status: 'succeeded', id: 'r1', label: 'carton, "box"' },
    { fileName: 'b.jpg', status: 'failed', problem: { title: 'Too large' } },
    { fileName: 'c.jpg', status: 'waiting' },
  ]);
});

test('copies a line per image', () => {
  expect(toText(rows)).toBe('=cmd|x.jpg\tcarton, "box"\nb.jpg\tToo large\nc.jpg\twaiting');
});
