import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { jobRequestSchema, locateJob, type JobPlaces } from './job-request.ts';

const PLACES: JobPlaces = {
  sources: [
    { bucket: 'my-photos', prefix: '' },
    { bucket: 'input', prefix: 'uploads/' },
  ],
  destinations: [
    { bucket: 'output', prefix: 'jobs/' },
    { bucket: 'my-results', prefix: '' },
  ],
};
const locate = (source: object, destination?: string) =>
  locateJob(jobRequestSchema.parse({ source, destination }), PLACES);

test('the request in docs/http-api.md is one', () => {
  const page = readFileSync(new URL('../../../../../docs/http-api.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n(\{\n {2}"source"[^]*?)```/.exec(page) ?? [];
  const request = jobRequestSchema.parse(JSON.parse(json));
  expect(locateJob(request, PLACES)).toMatchObject({
    source: { bucket: 'my-photos', prefix: '2026/' },
    destination: { bucket: 'my-results', prefix: '2026/' },
  });
});

describe('a job reads and writes', () => {
  test.each([
    ['a whole bucket', { prefix: 's3://my-photos' }, undefined, ['', 'jobs/']],
    ['the same with a slash', { prefix: 's3://my-photos/' }, undefined, ['', 'jobs/']],
    [
      'a part of a name',
      { prefix: 's3://input/uploads/2026-1' },
      undefined,
      ['uploads/2026-1', 'jobs/'],
    ],
    ['a folder', { prefix: 's3://my-photos/a b/' }, 's3://my-results/x', ['a b/', 'x/']],
    ['the whole of another bucket', { prefix: 's3://my-photos' }, 's3://my-results', ['', '']],
    ['a line break', { manifest: 's3://my-photos/a\nb' }, undefined, ['a\nb', 'jobs/']],
  ])('%s', (_what, source, destination, [read, write]) => {
    expect(locate(source, destination)).toMatchObject({
      source: { prefix: read },
      destination: { prefix: write },
    });
  });

  test.each([
    ['a folder whose name only begins like an allowed one', { prefix: 's3://input/uploads2/' }],
    ['a bucket whose name only begins like an allowed one', { prefix: 's3://my-photos2/' }],
  ])('not %s', (_what, source) => {
    expect(locate(source)).toMatchObject({ code: 'forbidden' });
  });

  test('no destination that leaves no room for the names of its parts', () => {
    const destination = `s3://my-results/${'ä'.repeat(451)}`;
    expect(locate({ prefix: 's3://my-photos/' }, destination)).toMatchObject({
      code: 'invalid-parameter',
    });
  });
});
