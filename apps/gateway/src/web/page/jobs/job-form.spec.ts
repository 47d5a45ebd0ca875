import { expect, test } from 'vitest';
import { requestOf } from './job-form.ts';

const form = (address: string, hours = '', usd = '') => ({ address, hours, usd });

test.each([
  [form(' s3://photos/2026/ '), { source: { prefix: 's3://photos/2026/' } }],
  [form('s3://photos/list.jsonl'), { source: { manifest: 's3://photos/list.jsonl' } }],
  [form('s3://photos/list.ndjson'), { source: { manifest: 's3://photos/list.ndjson' } }],
  [
    form('s3://photos', '0.5', '2.5'),
    { source: { prefix: 's3://photos' }, completeWithinSeconds: 1_800, maxCostUsd: 2.5 },
  ],
  // The gateway says what is wrong with it.
  [
    form('s3://photos', '0', '0'),
    { source: { prefix: 's3://photos' }, completeWithinSeconds: 0, maxCostUsd: 0 },
  ],
])('a form makes a request: %#', (data, request) => {
  expect(JSON.parse(JSON.stringify(requestOf(data)))).toEqual(request);
});
