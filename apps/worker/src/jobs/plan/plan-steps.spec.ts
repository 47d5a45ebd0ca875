import { makeRequestId, type StoredJob } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { afterPageStored, afterSourceRead, nextPlanStep, type PlanState } from './plan-steps.ts';
import type { SourceRead } from './read-source.ts';

const JOB: StoredJob = {
  v: 1,
  id: makeRequestId(Date.parse('2026-11-26T07:00:00Z'), new Uint8Array(10)),
  createdAt: '2026-11-26T07:00:00.000Z',
  source: { kind: 'prefix', bucket: 'images', prefix: '' },
  topK: 1,
  destination: { bucket: 'out', prefix: '' },
  readable: [],
};
const NOW = Date.parse(JOB.createdAt);

/** Plans a job whose source has `keys` keys, of which one in `of` is wanted. */
function plan(keys: number, { of = 1, chunkImages = 100 } = {}) {
  const calls: Record<string, number> = {};
  const pages: { images: number; chunks: number[] }[] = [];
  let held = 0;
  let read = 0;
  for (let state: PlanState = {}; ;) {
    held = Math.max(held, (state.page?.images.length ?? 0) + (state.listing?.images.length ?? 0));
    const step = nextPlanStep(state, { chunkImages, now: NOW });
    calls[step.kind] = (calls[step.kind] ?? 0) + 1;
    switch (step.kind) {
      case 'read-job':
        state = { ...state, job: JOB };
        break;
      case 'read-summary':
        state = { ...state, summary: null };
        break;
      case 'read-plan':
        state = { ...state, plan: null };
        break;
      case 'find-last-page':
        state = { ...state, lastPage: null };
        break;
      case 'read-stop':
        state = { ...state, stop: null };
        break;
      case 'read-source': {
        const first = read;
        read = Math.min(keys, first + step.room);
        const found = Math.floor(read / of) - Math.floor(first / of);
        const images = Array.from({ length: found }, () => ({ key: 'a', bytes: 10 }));
        const next = read - first < step.room ? null : { afterKey: String(read) };
        const answer: SourceRead = { kind: 'read', images, bytes: 10 * found, next };
        state = afterSourceRead(state, answer);
        break;
      }
      case 'store-page':
        expect(step.page.page).toBe(pages.length);
        pages.push({ images: step.page.images.length, chunks: [] });
        state = afterPageStored(state, step.page, true);
        break;
      case 'send-chunks':
        expect(step.resent).toBe(false);
        pages[step.page.page]!.chunks.push(...step.chunks);
        state = { ...state, sent: (state.sent ?? 0) + step.chunks.length };
        break;
      case 'mark-page':
        state = { ...state, marked: true };
        break;
      case 'store-plan':
        for (const { images, chunks } of pages) {
          const count = Math.ceil(images / chunkImages);
          expect(chunks).toEqual(Array.from({ length: count }, (_, chunk) => chunk));
        }
        return { plan: step.plan, pages, calls, held };
      case 'read-page':
      case 'store-stop':
      case 'repair':
      case 'complete-job':
      case 'end':
        throw new Error(`Nothing leads to ${step.kind}.`);
    }
  }
}

test('a plan of a million images holds two pages at most, and takes four calls for each page', () => {
  const { plan: end, pages, calls, held } = plan(1_000_000);
  expect(end).toMatchObject({ images: 1_000_000, bytes: 10_000_000, pages: 1_001, cut: false });
  expect(pages[0]).toEqual({ images: 1_000, chunks: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
  expect(held).toBe(2_000);
  expect(calls).toEqual({
    ...{ 'read-job': 1, 'read-summary': 1, 'read-plan': 1, 'find-last-page': 1, 'store-plan': 1 },
    ...{ 'read-source': 1_001, 'store-page': 1_001, 'read-stop': 1_001, 'send-chunks': 1_000 },
    // The last page, which is empty.
    'mark-page': 1,
  });
});

test.each([
  ['no keys', 0, 1, [0]],
  ['fewer keys than a page', 999, 1, [999]],
  ['a page of keys', 1_000, 1, [1_000, 0]],
  ['one key more', 1_001, 1, [1_000, 1]],
  ['every second key', 1_500, 2, [500, 250]],
  ['every third key: it lists on until a page is half full', 3_000, 3, [555, 445]],
  ['no key at all: a page ends after ten listings', 25_000, 1e9, [0, 0, 0]],
])('a source of which a job wants %s', (_, keys, of, images) => {
  const { pages, plan: end } = plan(keys, { of });
  expect(pages.map((page) => page.images)).toEqual(images);
  expect(end).toMatchObject({ pages: images.length, images: Math.floor(keys / of) });
});

test('a page of a slow model has a chunk for each image', () => {
  const { pages, calls } = plan(999, { chunkImages: 1 });
  expect(pages[0]!.chunks).toHaveLength(999);
  expect(calls['send-chunks']).toBe(100);
});
