import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe('an output that waits 50 ms for further lines', () => {
  function delayed() {
    const writes: string[] = [];
    const disk = { room: Infinity };
    const output = new LineOutput(
      (bytes) => {
        if (disk.room === 0) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
        const taken = bytes.subarray(0, Math.min(bytes.length, disk.room));
        disk.room -= taken.length;
        writes.push(Buffer.from(taken).toString());
        return taken.length;
      },
      lost,
      50,
    );
    return { output, writes, disk };
  }
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('writes them in one call, and the next ones in another', () => {
    const { output, writes } = delayed();
    output.write('one\n');
    output.write('two\n');
    expect(writes).toEqual([]);
    vi.advanceTimersByTime(50);
    output.write('three\n');
    vi.advanceTimersByTime(50);
    expect(writes).toEqual(['one\ntwo\n', 'three\n']);
  });

  test('writes them when it is flushed, and as soon as they are many', () => {
    const { output, writes } = delayed();
    output.write('one\n');
    output.flush();
    expect(writes).toEqual(['one\n']);
    output.write(`${'x'.repeat(20_000)}\n`);
    expect(writes).toHaveLength(2);
  });

  test('continues a write within a line where it was cut off', () => {
    const { output, writes, disk } = delayed();
    for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
    disk.room = 6;
    vi.advanceTimersByTime(50);
    expect(writes.join('')).toBe('one\ntw');
    disk.room = Infinity;
    vi.runAllTimers();
    expect(writes.join('')).toBe('one\ntwo\nthree\n');
    expect(output).toMatchObject({ lostLines: 0, trouble: undefined });
  });
});
