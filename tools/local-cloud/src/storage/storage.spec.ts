import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { memoryStorage } from './memory-storage.ts';
import { openSqliteStorage } from './sqlite-storage.ts';
import type { Storage } from './storage.ts';

const fruit = z.object({ colour: z.string(), weight: z.number().optional() });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-storage-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const openFile = () => openSqliteStorage(join(folder, 'state.db'));
const all = (storage: Storage, name: string) => [...storage.collection(name, fruit).entries()];

describe.each([
  ['memory', () => memoryStorage],
  ['SQLite', openFile],
])('a storage in %s', (_name, open) => {
  test('starts empty, with nothing to wait for', () => {
    const storage = open();
    expect(all(storage, 'fruits')).toEqual([]);
    expect(storage.committed()).toBeUndefined();
    storage.close();
  });

  test('accepts changes, and resolves committed() when they are persisted', async () => {
    const storage = open();
    const fruits = storage.collection('fruits', fruit);
    fruits.save('apple', { colour: 'red' });
    fruits.remove('never-there');
    await storage.committed();
    expect(storage.committed()).toBeUndefined();
    storage.close();
  });
});

describe('state in SQLite', () => {
  test('is restored by the next process, each collection separately', async () => {
    const storage = openFile();
    storage.collection('fruits', fruit).save('apple', { colour: 'red', weight: 150 });
    storage.collection('paints', fruit).save('apple', { colour: 'white' });
    await storage.committed();

    // The storage is not closed, like after a crash.
    const next = openFile();
    expect(all(next, 'fruits')).toEqual([['apple', { colour: 'red', weight: 150 }]]);
    expect(all(next, 'paints')).toEqual([['apple', { colour: 'white' }]]);
    next.close();
    storage.close();
  });

  test('is the last of several changes of a key', async () => {
    const storage = openFile();
    const fruits = storage.collection('fruits', fruit);
    fruits.save('apple', { colour: 'green' });
    fruits.save('pear', { colour: 'green' });
    await storage.committed();
    fruits.save('apple', { colour: 'red' });
    fruits.remove('pear');
    fruits.save('plum', { colour: 'blue' });
    fruits.remove('plum');
    await storage.committed();
    storage.close();
    const next = openFile();
    expect(all(next, 'fruits')).toEqual([['apple', { colour: 'red' }]]);
    next.close();
  });

  test('is committed once for all changes of a turn of the event loop', async () => {
    const storage = openFile();
    const fruits = storage.collection('fruits', fruit);
    fruits.save('apple', { colour: 'red' });
    const first = storage.committed();
    fruits.save('pear', { colour: 'green' });
    expect(storage.committed()).toBe(first);
    const reader = openFile();
    expect(all(reader, 'fruits')).toEqual([]); // nothing before the commit
    await first;
    expect(all(reader, 'fruits')).toHaveLength(2);
    reader.close();
    storage.close();
  });

  test('is committed at close', () => {
    const storage = openFile();
    storage.collection('fruits', fruit).save('apple', { colour: 'red' });
    storage.close();
    const next = openFile();
    expect(all(next, 'fruits')).toHaveLength(1);
    next.close();
  });

  test('rejects waiting calls when it cannot be written, and is written with the next commit', async () => {
    const storage = openFile();
    const blocker = new DatabaseSync(join(folder, 'state.db'));
    blocker.exec('BEGIN IMMEDIATE');
    storage.collection('fruits', fruit).save('apple', { colour: 'red' });
    await expect(storage.committed()).rejects.toThrow('locked');
    blocker.exec('ROLLBACK');
    await storage.committed();
    expect(storage.committed()).toBeUndefined();
    blocker.close();
    storage.close();
    const next = openFile();
    expect(all(next, 'fruits')).toHaveLength(1);
    next.close();
  });
});

test.each([
  ['of a later version', (path: string) => new DatabaseSync(path).exec('PRAGMA user_version = 99')],
  ['that is no file', (path: string) => rmSync(path, { force: true, recursive: true })],
])('a state %s is refused with a one-line error', (what, spoil) => {
  const path = join(folder, 'state.db');
  spoil(path);
  const at = what === 'that is no file' ? folder : path;
  expect(() => openSqliteStorage(at)).toThrow(/^The state in .* cannot be used: /);
});
