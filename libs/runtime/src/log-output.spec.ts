import { expect, test, vi } from 'vitest';
import { LineOutput } from './log-output.ts';

const lost = (lines: number) => `lost ${lines}\n`;

/** An output whose disk has room for so many bytes; with no room left, its writes fail with the code. */
function onDisk() {
  let text = '';
  const disk = { code: '', room: Infinity };
  const output = new LineOutput((bytes) => {
    if (disk.code !== '' && disk.room === 0)
      throw Object.assign(new Error(disk.code), { code: disk.code });
    const taken = bytes.subarray(0, Math.min(bytes.length, disk.room));
    disk.room -= taken.length;
    text += Buffer.from(taken).toString();
    return taken.length;
  }, lost);
  const breaks = (code: string, room = 0) => void Object.assign(disk, { code, room });
  return { output, breaks, works: () => breaks('', Infinity), written: () => text };
}

test.each(['ENOSPC', 'EPIPE', 'EIO', 'EBADF', 'EDQUOT'])(
  'a line that fails with %s is counted and reported once, before the next that is written',
  (code) => {
    const { output, breaks, works, written } = onDisk();
    output.write('one\n');
    breaks(code);
    output.write('two\n');
    output.write('three\n');
    expect(output).toMatchObject({ lostLines: 2, trouble: code });
    works();
    output.write('four\n');
    output.write('five\n');
    expect(written()).toBe('one\nlost 2\nfour\nfive\n');
    expect(output).toMatchObject({ lostLines: 2, trouble: undefined });
  },
);

test('a line that was written in part does not run into the next one', () => {
  const { output, breaks, works, written } = onDisk();
  breaks('ENOSPC', 2);
  output.write('one\n');
  works();
  output.write('two\n');
  expect(written()).toBe('on\nlost 1\ntwo\n');
});

test('a report that cannot be written is repeated later, and counts no line twice', () => {
  const { output, breaks, works, written } = onDisk();
  breaks('ENOSPC');
  output.write('one\n');
  breaks('ENOSPC', 3);
  output.write('two\n');
  expect(output.lostLines).toBe(2);
  works();
  output.write('three\n');
  expect(written()).toBe('los\nlost 2\nthree\n');
});

test('a loss is reported when writes succeed again, also without another line', () => {
  vi.useFakeTimers();
  const { output, breaks, works, written } = onDisk();
  breaks('ENOSPC');
  output.write('one\n');
  works();
  vi.runAllTimers();
  expect(written()).toBe('lost 1\n');
  vi.useRealTimers();
});

test('lines that a slow reader does not take are kept in order, up to a limit', () => {
  vi.useFakeTimers();
  const { output, breaks, works, written } = onDisk();
  breaks('EAGAIN', 2);
  output.write('one\n');
  output.write('two\n');
  expect(output).toMatchObject({ lostLines: 0, trouble: 'EAGAIN' });
  output.write(`${'x'.repeat(2_000_000)}\n`);
  expect(output.lostLines).toBe(1);
  works();
  vi.runAllTimers();
  expect(written()).toBe('one\nlost 1\ntwo\n');
  vi.useRealTimers();
});
