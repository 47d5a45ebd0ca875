import { expect, test } from 'vitest';
import { parseReceivers } from './parse-receivers.ts';

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const archive = { name: 'archive', url: 'https://hooks.example/labels', secrets: [secret] };
const parse = (receivers: unknown, allowLoopback = false) =>
  parseReceivers(JSON.stringify({ receivers }), { allowLoopback });

test('reads receivers by name, with their secrets as bytes', () => {
  const second = `whsec_${Buffer.alloc(64, 2).toString('base64')}`;
  const receivers = parse([archive, { ...archive, name: 'other', secrets: [secret, second] }]);
  expect([...receivers.keys()]).toEqual(['archive', 'other']);
  expect(receivers.get('other')).toEqual({
    name: 'other',
    url: new URL('https://hooks.example/labels'),
    secrets: [Buffer.alloc(24, 1), Buffer.alloc(64, 2)],
  });
});

test.each([
  ['plain http', { url: 'http://hooks.example/' }, /the URL of archive must begin with https/],
  ['a file', { url: 'file:///etc/passwd' }, /must begin with https/],
  ['no URL', { url: 'hooks.example' }, /receivers\.0\.url/],
  ['no secret', { secrets: [] }, /receivers\.0\.secrets/],
  ['a short secret', { secrets: ['whsec_c2hvcnQ='] }, /24 to 64 bytes/],
  ['a secret without its prefix', { secrets: [secret.slice(6)] }, /must be whsec_ and base64/],
  ['a name that no header can have', { name: 'my archive' }, /receivers\.0\.name/],
  ['a field that is not known', { secret }, /"secret"/],
])('a file with %s is faulty', (_, change, fault) => {
  expect(() => parse([{ ...archive, ...change }])).toThrow(fault);
});

test('a file with two receivers of one name is faulty', () => {
  expect(() => parse([archive, archive])).toThrow('two receivers have the same name');
});

test.each([
  ['http://127.0.0.1:9000/', true],
  ['http://localhost:9000/', true],
  ['http://[::1]:9000/', true],
  ['http://10.0.0.1/', false],
  ['http://127.0.0.1.example/', false],
])('where loopback is allowed, %s may be a receiver: %s', (url, allowed) => {
  const read = () => parse([{ ...archive, url }], true);
  if (allowed) expect(read().size).toBe(1);
  else expect(read).toThrow('must begin with https');
});

test('a fault quotes no secret', () => {
  const faulty = `{"receivers": [{"secrets": ["${secret}" oops`;
  expect(() => parseReceivers(faulty, { allowLoopback: false })).toThrow(/^it is not JSON$/);
});
