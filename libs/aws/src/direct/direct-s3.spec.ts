import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openAgents } from '../connection.ts';
import { writeJsonOnce } from '../store/json-object.ts';
import { S3Store } from '../store/s3-store.ts';
import { startStubService, type StubAnswer, type StubCall } from '../testing/stub-service.ts';
import { DirectS3 } from './direct-s3.ts';

const json = { contentType: 'application/json' };
const error = (status: number, code: string, headers = {}): StubAnswer => ({
  status,
  headers,
  body: `<Error><Code>${code}</Code><Message>no</Message></Error>`,
});
const NO_RESPONSE: StubAnswer = { body: '', breakConnection: 'no-response' };
const never = () => new Promise<never>(() => {});

/** Answers a call; `act` is what S3 does. */
type Fault = (act: () => StubAnswer, call: StubCall) => StubAnswer | Promise<StubAnswer>;

/** A store on a stub of S3 whose next call is direct, and the calls that were made after the first. */
async function startStore(credentials?: () => Promise<{ accessKeyId: string; expiration: Date }>) {
  const objects = new Map<string, string>();
  let fault: Fault = (act) => act();
  const act = ({ method, path, headers, body }: StubCall): StubAnswer => {
    const key = path.split('?')[0] ?? '';
    const object = objects.get(key);
    if (method === 'GET')
      return object === undefined
        ? error(404, 'NoSuchKey')
        : { headers: { etag: '"1"', 'x-amz-meta-name': 'cat' }, body: object };
    if (headers['if-none-match'] === '*' && object !== undefined)
      return error(412, 'PreconditionFailed');
    objects.set(key, body);
    return { headers: { etag: '"1"' }, body: '' };
  };
  const service = await startStubService((call) => fault(() => act(call), call));
  const agents = openAgents();
  const keys = { accessKeyId: 'stub', secretAccessKey: 'stub' };
  const client = new S3Client({
    ...service.connection,
    credentials: credentials
      ? async () => ({ ...keys, sessionToken: 'token', ...(await credentials()) })
      : keys,
    requestHandler: agents,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const direct = new DirectS3(client, agents, { limitMs: 200 });
  const store = new S3Store('bucket', { client, direct, limitMs: undefined });
  await store.put('first', 'first', json);
  const isDirect = ({ headers }: StubCall) => headers['user-agent'] === 'labelfleet';
  return {
    store,
    service,
    objects,
    callers: () => service.calls.slice(1).map((call) => (isDirect(call) ? 'direct' : 'SDK')),
    /** Affects direct calls only. */
    setFault: (next: Fault) => {
      fault = (act, call) => (isDirect(call) ? next(act, call) : act());
    },
    setFaultOfAll: (next: Fault) => {
      fault = next;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await service[Symbol.asyncDispose]();
    },
  };
}

const stored = { kind: 'stored', etag: '"1"' };
const refused = { kind: 'condition-failed' };

test.each<[string, Fault, object, string[]]>([
  ['is answered', (act) => act(), stored, ['direct']],
  ['loses its connection before S3 acts', () => NO_RESPONSE, stored, ['direct', 'SDK']],
  [
    'loses its connection after S3 acted',
    (act) => (act(), NO_RESPONSE),
    refused,
    ['direct', 'SDK'],
  ],
  ['gets no answer before S3 acts', never, stored, ['direct', 'SDK']],
  ['gets no answer after S3 acted', (act) => (act(), never()), refused, ['direct', 'SDK']],
  ['is asked to slow down', () => error(503, 'SlowDown'), stored, ['direct', 'SDK']],
  [
    'fails after S3 acted',
    (act) => (act(), error(500, 'InternalError')),
    refused,
    ['direct', 'SDK'],
  ],
  ['has an expired token', () => error(403, 'ExpiredToken'), stored, ['direct', 'SDK']],
  [
    'is redirected',
    () => error(307, 'TemporaryRedirect', { location: 'http://127.0.0.1:1/' }),
    stored,
    ['direct', 'SDK'],
  ],
  ['meets another put', () => error(409, 'ConditionalRequestConflict'), stored, ['direct', 'SDK']],
  ['is answered by a proxy', () => ({ body: '<html>' }), stored, ['direct', 'SDK']],
])('a direct conditional put that %s', async (_, fault, outcome, callers) => {
  await using s3 = await startStore();
  s3.setFault(fault);
  expect(await s3.store.put('key', '1', { ...json, onlyIf: 'absent' })).toEqual(outcome);
  expect(s3.callers()).toEqual(callers);
  expect(s3.objects.get('/bucket/key')).toBe('1');
});

test('a direct put finds its own object after its answer was lost', async () => {
  await using s3 = await startStore();
  s3.setFault((act, { method }) => (method === 'PUT' ? (act(), NO_RESPONSE) : act()));
  const codec = {
    encode: (value: string) => value,
    decode: (value: string) => ({ kind: 'decoded' as const, value }),
  };
  expect(await writeJsonOnce(s3.store, 'result', 'mine', codec)).toBe('mine');
});

test('a direct conditional put reports an object that exists', async () => {
  await using s3 = await startStore();
  s3.objects.set('/bucket/key', '0');
  expect(await s3.store.put('key', '1', { ...json, onlyIf: 'absent' })).toEqual(refused);
  expect(s3.callers()).toEqual(['direct']);
});

const object = { body: 'first', etag: '"1"', metadata: { name: 'cat' } };

test.each<[string, string, Fault, object | null, string[]]>([
  ['is answered', 'first', (act) => act(), object, ['direct']],
  ['finds nothing', 'nothing', (act) => act(), null, ['direct']],
  ['finds no bucket', 'first', () => error(404, 'NoSuchBucket'), object, ['direct', 'SDK']],
  ['loses its connection', 'first', () => NO_RESPONSE, object, ['direct', 'SDK']],
  [
    'loses its connection within the body',
    'first',
    () => ({
      headers: { 'content-length': '9', etag: '"1"' },
      body: 'x',
      breakConnection: 'after-body',
    }),
    object,
    ['direct', 'SDK'],
  ],
  ['is refused', 'first', () => error(403, 'AccessDenied'), object, ['direct', 'SDK']],
])('a direct get that %s', async (_, key, fault, expected, callers) => {
  await using s3 = await startStore();
  s3.setFault(fault);
  const got = await s3.store.get(key);
  if (expected === null) expect(got).toBeNull();
  else expect({ ...got, body: Buffer.from(got?.body ?? []).toString() }).toMatchObject(expected);
  expect(s3.callers()).toEqual(callers);
});

test('a direct get reads nothing of an object that is too large, and later ones are direct too', async () => {
  await using s3 = await startStore();
  s3.setFault(() => ({
    headers: { 'content-length': '99', etag: '"1"' },
    body: 'x',
    breakConnection: 'after-body',
  }));
  expect(await s3.store.getWithin('first', 98)).toBe('too-large');
  s3.setFault((act) => act());
  expect(await s3.store.getWithin('first', 98)).toMatchObject({ etag: '"1"' });
  expect(s3.callers()).toEqual(['direct', 'direct']);
});

test('an aborted direct get rejects with the reason and is not called again', async () => {
  await using s3 = await startStore();
  const reason = new Error('too late');
  const cut = new AbortController();
  s3.setFault(() => {
    cut.abort(reason);
    return never();
  });
  await expect(s3.store.get('first', cut.signal)).rejects.toBe(reason);
  expect(s3.callers()).toEqual(['direct']);
});

test('after a failed direct call the SDK makes the calls for a while', async () => {
  await using s3 = await startStore();
  s3.setFault(() => error(503, 'SlowDown'));
  await s3.store.get('first');
  s3.setFault((act) => act());
  await s3.store.get('first');
  expect(s3.callers()).toEqual(['direct', 'SDK', 'SDK']);
  await expect
    .poll(async () => (await s3.store.get('first'), s3.callers().at(-1)), { timeout: 5_000 })
    .toBe('direct');
});

test("direct calls use the SDK's correction of a clock that is wrong", async () => {
  await using s3 = await startStore();
  const nowMs = () => Date.now() + 3_600_000;
  s3.setFaultOfAll((act, { headers }) => {
    const [, ...parts] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    const [year = 0, month = 0, ...rest] = parts.map(Number);
    const isSkewed = Math.abs(nowMs() - Date.UTC(year, month - 1, ...rest)) > 900_000;
    const answer = isSkewed ? error(403, 'RequestTimeTooSkewed') : act();
    return { ...answer, headers: { ...answer.headers, date: new Date(nowMs()).toUTCString() } };
  });
  expect(await s3.store.get('first')).toMatchObject({ etag: '"1"' });
  expect(s3.callers()).toEqual(['direct', 'SDK', 'SDK']);
  await expect
    .poll(async () => (await s3.store.get('first'), s3.callers().at(-1)), { timeout: 5_000 })
    .toBe('direct');
});

test('direct calls use the credentials that the SDK renews, with their session token', async () => {
  let renewals = 0;
  await using s3 = await startStore(() =>
    // The SDK renews credentials that expire within five minutes.
    Promise.resolve({ accessKeyId: `key${++renewals}`, expiration: new Date(Date.now() + 1000) }),
  );
  await s3.store.get('first');
  await s3.store.get('first');
  const used = s3.service.calls.slice(1).map(({ headers }) => headers);
  expect(s3.callers()).toEqual(['direct', 'direct']);
  expect(new Set(used.map((headers) => headers.authorization?.split('/')[0])).size).toBe(2);
  for (const headers of used) expect(headers['x-amz-security-token']).toBe('token');
});
