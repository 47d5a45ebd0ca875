import { describe, expect, it } from 'vitest';
import { commandLine } from './command-line.ts';
import { EXIT } from './start-error.ts';

const { fault, httpUrl, parse, whole } = commandLine('usage: tool [--seed N]');

describe('a command line', () => {
  it('is parsed into options and positionals', () => {
    const { values, positionals } = parse({
      args: ['run', '--seed', '3'],
      allowPositionals: true,
      options: { seed: { type: 'string' } },
    });
    expect([values.seed, positionals]).toEqual(['3', ['run']]);
  });

  it('that is wrong is refused with the reason and the usage', () => {
    expect(() => parse({ args: ['--sead', '3'], options: {} })).toThrow(
      /^Unknown option '--sead'[^]*\n\nusage: tool/,
    );
    expect(fault('which file?')).toMatchObject({
      message: 'which file?\n\nusage: tool [--seed N]',
      exitCode: EXIT.usage,
    });
  });

  it.each([
    ['7', 0, 7],
    ['0', 0, 0],
    ['1', 1, 1],
    ['999999999', 1, 999_999_999],
  ])('accepts %s as a whole number from %i', (text, least, value) => {
    expect(whole('--seed', text, least)).toBe(value);
  });

  it.each([
    ['0', 1],
    ['-1', 0],
    ['1.5', 1],
    ['many', 1],
    ['', 0],
    ['1000000000', 1],
  ])('refuses "%s" as a whole number from %i', (text, least) => {
    expect(() => whole('--seed', text, least)).toThrow(
      `--seed ${text}: must be a whole number from ${least}`,
    );
  });

  it.each(['http://127.0.0.1:8080/', 'https://labels.example/below'])(
    'accepts the URL %s',
    (text) => {
      expect(httpUrl('--url', text).href).toBe(text);
    },
  );

  it.each(['', 'labels', 'labels:8080', 'ftp://labels/'])('refuses "%s" as a URL', (text) => {
    expect(() => httpUrl('--url', text)).toThrow('must be an http:// or https:// URL');
  });
});
