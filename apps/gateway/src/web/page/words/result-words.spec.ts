import { describe, expect, test } from 'vitest';
import { resultWords, sureScore, timesWords } from './result-words.ts';

test('times are whole milliseconds', () => {
  const timings = { queuedMs: 12, fetchMs: 0.667, decodeMs: 44.115, inferMs: 12.009, totalMs: 80 };
  expect(timesWords(timings)).toBe('80 ms (queued 12, fetch 1, decode 44, model 12)');
});

describe('a result', () => {
  const predictions = [
    { label: 'bathtub', score: 0.17, classIndex: 1 },
    { label: 'ice cream', score: 0.13, classIndex: 2 },
    { label: 'alp', score: 0.001, classIndex: 3 },
  ];
  test.each([
    ['bathtub', 0.17, 'bathtub', '17\u00a0%'],
    ['bathtub', 0.18, 'Not sure: bathtub 17\u00a0%, ice cream 13\u00a0%', ''],
    [null, 0.1, 'Not sure: bathtub 17\u00a0%, ice cream 13\u00a0%', ''],
  ])('%s with the threshold %d is shown as: %s', (label, threshold, headline, score) => {
    expect(resultWords({ label, predictions }, threshold)).toMatchObject({ headline, score });
  });
  test.each([
    ['the lowest precise one', [0.7, 0.88, 0.91, 0.95], 0.4],
    ['above the last that is not', [0.91, 0.88, 0.91, 0.95], 0.4],
    ['all', [0.91, 0.92, 0.93, 0.95], 0],
    ['known although the highest has too few images', [0.7, 0.92, 0.93, 0.6], 0.2],
    ['never reached', [0.7, 0.8, 0.81, 0.85], Infinity],
  ])('is compared with the calibrated score: %s', (_, precisions, expected) => {
    const thresholds = precisions.map((precisionAtLeast, index) => ({
      score: index / 5,
      precisionAtLeast,
    }));
    const model = { name: 'm', version: '1', labels: [], calibration: { thresholds } };
    expect(sureScore(model)).toBe(expected);
  });
});
