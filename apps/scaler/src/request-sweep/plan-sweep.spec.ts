import { imageKey, makeRequestId, resultKey } from '@labelfleet/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginPass,
  isPassDue,
  keyAt,
  lostUntil,
  NOT_SWEPT,
  readPage,
  SWEEP_TIMES,
  takeDepth,
  takePage,
} from './plan-sweep.ts';

const NOW = Date.UTC(2026, 0, 20);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };

describe('the time before which a request without a result has lost its message', () => {
  const emptySince = (minutes: number | null) => ({
    ...NOT_SWEPT,
    emptySinceMs: minutes === null ? null : NOW - minutes * MINUTE,
  });
  it.each([
    ['the queue has been empty for a minute', emptySince(1), false, 5 * MINUTE],
    ['it has been empty for less', emptySince(0.9), false, 13 * DAY],
    ['it is not empty', emptySince(null), false, 13 * DAY],
    ['it is not empty, and younger images were answered', emptySince(null), true, HOUR],
    [
      'the same, and something was sent again lately',
      { ...emptySince(null), resentAtMs: NOW - 0.9 * HOUR },
      true,
      13 * DAY,
    ],
    [
      'the same, and something was sent again long ago',
      { ...emptySince(null), resentAtMs: NOW - HOUR },
      true,
      HOUR,
    ],
  ])('is right if %s', (_, sweep, overtaken, ageMs) => {
    expect(lostUntil(sweep, overtaken, NOW, SWEEP_TIMES)).toBe(NOW - ageMs);
  });
});

describe('the queue counts as empty', () => {
  it('from the first check that finds it empty, until one does not', () => {
    const first = takeDepth(NOT_SWEPT, EMPTY, NOW);
    expect(takeDepth(first, EMPTY, NOW + 10_000).emptySinceMs).toBe(NOW);
    for (const some of ['visible', 'inFlight', 'delayed'])
      expect(takeDepth(first, { ...EMPTY, [some]: 1 }, NOW).emptySinceMs).toBeNull();
  });

  it('again only after a new check if something was sent again', () => {
    const sweep = beginPass(takeDepth(NOT_SWEPT, EMPTY, NOW - HOUR), NOW - 5 * MINUTE, NOW);
    const page = { after: 'k', last: true };
    expect(takePage(sweep, page, { sent: 1, stillOpen: true }, NOW).emptySinceMs).toBeNull();
    expect(takePage(sweep, page, { sent: 0, stillOpen: false }, NOW).emptySinceMs).not.toBeNull();
  });
});

it.each([
  ['none has begun yet', null, null, true],
  ['one began 2 min ago', NOW - 2 * MINUTE, null, true],
  ['one began later', NOW - 1.9 * MINUTE, null, false],
  ['the clock was set back', NOW + HOUR, null, true],
  ['one is under way', NOW - HOUR, { untilMs: NOW, after: '', foundIncomplete: false }, false],
])('whether a pass is due is right if %s', (_, passStartedAtMs, pass, due) => {
  expect(isPassDue({ ...NOT_SWEPT, passStartedAtMs, pass }, NOW, SWEEP_TIMES)).toBe(due);
});

it('ignores images that are older than any message, because their results may have expired', () => {
  expect(beginPass(NOT_SWEPT, NOW, NOW).pass?.after).toBe(keyAt(NOW - 14 * DAY));
  const completedUpTo = imageKey(keyAt(NOW - DAY), 'x.png');
  expect(beginPass({ ...NOT_SWEPT, completedUpTo }, NOW, NOW).pass?.after).toBe(completedUpTo);
});

it('never passes an image that is still open, in this pass or the next', () => {
  const sweep = beginPass({ ...NOT_SWEPT, completedUpTo: 'a' }, NOW, NOW);
  const dealt = (stillOpen: boolean) => ({ sent: 0, stillOpen });
  const one = takePage(sweep, { after: 'b', last: false }, dealt(false), NOW);
  const two = takePage(one, { after: 'c', last: false }, dealt(true), NOW);
  const three = takePage(two, { after: 'd', last: true }, dealt(false), NOW);
  expect([one, two, three].map(({ completedUpTo }) => completedUpTo)).toEqual(['b', 'b', 'b']);
  expect(two.pass).toEqual({ untilMs: NOW, after: 'c', foundIncomplete: true });
  expect(three.pass).toBeNull();
});

it('finds every image without a result once, and nothing else, page by page', () => {
  const anObject = fc.record({
    second: fc.nat({ max: 30 }),
    random: fc.uint8Array({ minLength: 10, maxLength: 10 }),
    image: fc.boolean(),
    result: fc.boolean(),
  });
  const stray = fc.constantFrom('0', 'README', 'zzz/readme.txt', '019b/image', '~');
  fc.assert(
    fc.property(
      fc.array(anObject, { maxLength: 60 }),
      fc.array(stray),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 4 }),
      (objects, strays, listed, mostOpen) => {
        const requests = objects.map((each) => ({
          ...each,
          id: makeRequestId(NOW + 1000 * each.second, each.random),
        }));
        const until = keyAt(NOW + 20_000);
        const keyOf = ({ id }: { id: string }) => imageKey(id, 'a.png');
        const images = [
          ...new Set([...requests.filter(({ image }) => image).map(keyOf), ...strays]),
        ].sort();
        const results = [
          ...new Set(requests.filter(({ result }) => result).map(({ id }) => resultKey(id))),
        ].sort();
        const list = (keys: string[], after: string) =>
          keys.filter((key) => key > after).slice(0, listed);

        const found: string[] = [];
        let after = '';
        for (let pages = 0; ; pages += 1) {
          expect(pages).toBeLessThanOrEqual(images.length + 1);
          const listing = list(images, after);
          const first = listing.find((key) => /^[0-9a-f]{8}-/.test(key))?.slice(0, 36);
          const page = readPage(listing, first === undefined ? [] : list(results, first), {
            ...{ after, until, most: { listed, open: mostOpen } },
          });
          expect(page.open.length).toBeLessThanOrEqual(mostOpen);
          found.push(...page.open);
          ({ after } = page);
          if (page.last) break;
        }
        const open = requests.filter(
          (each) => each.image && keyOf(each) < until && !results.includes(resultKey(each.id)),
        );
        expect(found).toEqual([...new Set(open.map(keyOf))].sort());
      },
    ),
  );
});
