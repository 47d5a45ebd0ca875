import { describe, expect, test } from 'vitest';
import {
  jobListKey,
  jobListPrefix,
  jobOfListKey,
  pageKey,
  pageMarkerKey,
  pageOfKey,
  partKey,
  readPageMarker,
  readPartKey,
} from './job-keys.ts';
import { makeRequestId } from '../request/request-id.ts';

const idAt = (iso: string) => makeRequestId(Date.parse(iso), new Uint8Array(10));

describe('the keys of jobs', () => {
  const job = idAt('2026-11-26T07:00:00Z');
  const counts = { succeeded: 940, failed: 58, skipped: 2, nanoUsd: 2_345_678, busyMs: 9_871 };

  test('a page marker holds the counts of its page', () => {
    expect(readPageMarker(pageMarkerKey(job, 12, counts))).toEqual({ page: 12, ...counts });
  });

  test('a page marker may have no price', () => {
    const unpriced = { ...counts, nanoUsd: null };
    expect(readPageMarker(pageMarkerKey(job, 12, unpriced))).toEqual({ page: 12, ...unpriced });
  });

  test('another key is no page marker', () => {
    expect(readPageMarker(pageKey(job, 1))).toBeUndefined();
  });

  test.each([
    [9, 10],
    [99, 100],
    [999_999, 1_000_000],
  ])('page %i and its parts sort before page %i', (before, after) => {
    const destination = { bucket: 'out', prefix: 'jobs/' };
    expect(pageKey(job, before) < pageKey(job, after)).toBe(true);
    expect(partKey(destination, job, before, 9) < partKey(destination, job, after, 0)).toBe(true);
    expect(pageOfKey(pageKey(job, after))).toBe(after);
  });

  test('a part names its page and chunk', () => {
    const key = partKey({ bucket: 'out', prefix: '2026/' }, job, 1_234, 7);
    expect(key).toBe(`2026/${job}/0001234-0007.jsonl`);
    expect(readPartKey(key)).toEqual({ page: 1_234, chunk: 7 });
    expect(readPartKey(`2026/${job}/notes.txt`)).toBeUndefined();
  });

  test('a list names the newest job first', () => {
    const later = idAt('2026-11-26T07:00:01Z');
    expect(jobListKey('shop', later) < jobListKey('shop', job)).toBe(true);
    expect(jobOfListKey(jobListKey(undefined, job))).toBe(job);
  });

  test('no caller is taken for callers without a key', () => {
    expect(jobListKey('anonymous', job).startsWith(jobListPrefix(undefined))).toBe(false);
  });
});
