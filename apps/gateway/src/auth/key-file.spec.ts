import { encodeApiKeys } from '@labelfleet/contracts';
import { createLogger, localFile } from '@labelfleet/runtime';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testKey } from '../testing/api-keys.ts';
import { KeyFile } from './key-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-keys-'));
  path = join(folder, 'keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

const log = createLogger({ app: 'gateway', level: 'silent' });
const open = () =>
  KeyFile.open({ file: localFile(path), allowAnonymous: false, log, unixMs: Date.now });
const first = testKey({ id: 'first' });
const second = testKey({ id: 'second', caller: 'press' }, 'another');
const write = (...keys: (typeof first)[]) =>
  writeFile(path, encodeApiKeys(keys.map(({ key }) => key)));
const known = (file: KeyFile) =>
  [first, second].map(({ headers }) => file.authenticate(headers.authorization).kind === 'known');

test('new keys are used when the file was written, renamed or exchanged behind a link', async () => {
  await write(first);
  const file = await open();
  expect(known(file)).toEqual([true, false]);
  await write(first, second);
  await file.reload();
  expect(known(file)).toEqual([true, true]);

  await writeFile(`${path}.new`, encodeApiKeys([second.key]));
  await rename(`${path}.new`, path);
  await file.reload();
  expect(known(file)).toEqual([false, true]);

  await writeFile(join(folder, 'other.json'), encodeApiKeys([first.key]));
  await rm(path);
  await symlink('other.json', path);
  await file.reload();
  expect(known(file)).toEqual([true, false]);
});

test.each([
  ['cut short', '{"keys": [', 'not JSON'],
  ['of another form', '{"keys": [{"id": "k"}]}', 'keys[0].id: must be 4 to 32'],
  ['gone', undefined, 'There is no such file'],
])('a file that is %s leaves the last good keys in use and warns', async (_case, text, fault) => {
  await write(first);
  const file = await open();
  await (text === undefined ? rm(path) : writeFile(path, text));
  await file.reload();
  expect(known(file)).toEqual([true, false]);
  expect(file.warning).toContain(fault);
  await write(second);
  await file.reload();
  expect([known(file), file.warning]).toEqual([[false, true], undefined]);
  // The keys from before the fault are back.
  await write(first);
  await file.reload();
  expect(known(file)).toEqual([true, false]);
});

test('a faulty file is a configuration error that names every fault', async () => {
  const wrong = { ...first.key, sha256: 'secret', imagesPerDay: 0, imagesPerHour: 9 };
  await writeFile(path, JSON.stringify({ keys: [wrong, { ...second.key, expiresAt: 'soon' }] }));
  await expect(open()).rejects.toMatchObject({
    faults: [
      expect.stringContaining('keys[0].sha256: must be the SHA-256'),
      expect.stringContaining('keys[0].imagesPerDay: '),
      expect.stringContaining('imagesPerHour'),
      expect.stringContaining('keys[1].expiresAt: '),
    ] as unknown,
  });
});

test('one caller has at most two live keys, and an id is used once', async () => {
  const again = { ...first.key, id: 'third' };
  const expired = { ...first.key, id: 'old1', expiresAt: '2020-01-01T00:00:00Z' };
  const text = (...keys: object[]) => writeFile(path, JSON.stringify({ keys }));
  await text(first.key, again, expired);
  await open();
  await text(first.key, again, { ...again, id: 'four' }, expired, expired);
  await expect(open()).rejects.toMatchObject({
    faults: [
      expect.stringContaining('two keys have the id old1'),
      expect.stringContaining('shop has 3 live keys; a caller may have 2'),
    ] as unknown,
  });
});
