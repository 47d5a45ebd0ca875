import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { makeReport } from './report.ts';
import { anAnswer, aRound } from './testing/a-round.ts';

const options = {
  images: [2, 12],
  threads: 100,
  maxWorkers: 20,
  bootSeconds: 5,
  withinSeconds: 300,
  out: undefined,
};
const machine = { time: '2026-11-22T09:00:00.000Z', cpu: 'a processor', cores: 2, loadBefore: 0.5 };

function reportOf(rounds: ReturnType<typeof aRound>[]) {
  const cases = judge({ rounds, sent: [], stored: [] }, options);
  const files = makeReport(cases, rounds, options, machine);
  return { files, page: files.get('README.md') ?? '' };
}

test('has the verdict of each case, the figures of each round, and its pictures', () => {
  const { files, page } = reportOf([aRound(2), aRound(12)]);
  expect(page).toContain('# The classic course set-up: 4 of 4 cases passed');
  expect(page).toMatch(/\| answers +\| passed +\| 14 of 14 labels/);
  expect(page).toMatch(/\| instances +\| passed +\| 2 images: 2 at once; 12 images: 12 at once/);
  const figures = page.match(/^\| +12 .*$/m)?.[0].match(/[\d.]+/g);
  // images, launched, at once, running; first and last answer, per image, p50, p95, no instance
  expect(figures).toEqual(['12', '12', '12', '12', '6.0', '7.0', '0.6', '5.0', '5.0', '12.0']);
  for (const [, name = ''] of page.matchAll(/!\[.*\]\((.*)\)/g)) {
    expect(files.get(name)).toMatch(/^<svg/);
    expect(files.get(name)).not.toMatch(/NaN|Infinity|undefined/);
  }
  expect([...files.keys()]).toEqual(['README.md', '2-images.svg', '12-images.svg']);
});

test('names the first faults and the number of the others', () => {
  const failed = (number: number) => anAnswer(number, { kind: 'failed', reason: '503: later' });
  const answers = Array.from({ length: 12 }, (_, index) => failed(index));
  const { page } = reportOf([aRound(12, { answers })]);
  expect(page).toContain('3 of 4 cases passed');
  expect(page).toMatch(/\| answers +\| FAILED +\| 0 of 12 labels/);
  expect(page).toContain('- answers: 12 images: image-9.png: 503: later\n- answers: 2 more\n');
  expect(page).not.toContain('image-10.png');
});

test('draws a round without answers and instances', () => {
  const { files, page } = reportOf([aRound(2, { answers: [], samples: [] })]);
  expect(page).toMatch(/- +\|$/m);
  expect(files.get('2-images.svg')).not.toMatch(/NaN|Infinity|undefined/);
});
