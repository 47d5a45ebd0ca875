import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { explain, explainBriefly, isSystemError } from './system-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-errors-'));
  await writeFile(join(folder, 'file'), '');
  await symlink('circle', join(folder, 'circle'));
});
afterAll(() => rm(folder, { recursive: true }));

const failure = async (path: string): Promise<unknown> =>
  await readFile(join(folder, path)).catch((error: unknown) => error);

it.each([
  ['nowhere', 'There is no such file or folder. Check the path.'],
  ['', 'It is a folder and not a file. Give a file in that folder.'],
  ['file/below', 'A part of the path is a file and not a folder. Check the path.'],
  ['circle', 'Its symbolic links lead in a circle. Check them with ls -l.'],
  ['n'.repeat(300), 'The path is too long. Shorten it.'],
])('explains in sentences why "%s" cannot be read', async (path, sentences) => {
  const error = await failure(path);
  expect(isSystemError(error)).toBe(true);
  expect(explain(error)).toBe(sentences);
});

it.each([
  ...['EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EROFS', 'EIO', 'EBUSY', 'ECONNRESET'],
  ...['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENAMETOOLONG', 'EDQUOT'],
] as const)('%s is an error code of this system, and has two sentences', (code) => {
  expect(constants.errno).toHaveProperty(code);
  const error = Object.assign(new Error(`${code}: unfriendly`), { code });
  expect(explain(error)).toMatch(/^[A-Z][^.]+\. [A-Z][^.]+\.$/);
  expect(explain(error)).not.toContain(code);
});

it('finds the code in the cause of a fetch error, and in an error of several addresses', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const refused = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
  expect(explainBriefly(refused)).toBe('nothing listens at that address and port');
  const socket = connect({ host: 'localhost', port });
  const error = await new Promise((resolve) => socket.on('error', resolve));
  expect(explain(error)).toMatch(/^Nothing listens at that address and port\./);
});

it('returns the message of an error without a code', () => {
  expect(explain(new Error('all wrong'))).toBe('all wrong');
  expect(explain(new Error('fetch failed', { cause: new Error('bad port') }))).toBe('bad port');
  expect(explainBriefly('text')).toBe('text');
});
