import fc from 'fast-check';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { dotenv } from './dotenv.ts';

test('plain values stay plain, others are quoted', () => {
  expect(dotenv({ URL: 'http://127.0.0.1:1/a', DIR: '/my data/$HOME #1' })).toBe(
    "URL=http://127.0.0.1:1/a\nDIR='/my data/$HOME #1'\n",
  );
});

test('a value that no reader would read alike is refused by its name', () => {
  expect(() => dotenv({ MODEL_DIR: "it's" })).toThrow('MODEL_DIR must not contain');
});

test('whatever is written is read again by Node', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !/['\r\n\0]/.test(text));
  fc.assert(
    fc.property(value, (NAME) => {
      expect(parseEnv(dotenv({ NAME }))).toEqual({ NAME });
    }),
  );
});
