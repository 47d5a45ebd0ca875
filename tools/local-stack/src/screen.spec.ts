import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openScreen } from './screen.ts';

function screenOn(terminal: { isTTY?: boolean; columns?: number }) {
  const output = Object.assign(new PassThrough(), terminal);
  return { screen: openScreen(output), written: () => String(output.read() ?? '') };
}

test('elsewhere than on a terminal, the live line is a line for every change', () => {
  const { screen, written } = screenOn({});
  ['1 waiting', '1 waiting', '2 waiting'].forEach((line) => {
    screen.live(line);
  });
  screen.say('done');
  expect(written()).toBe('1 waiting\n2 waiting\ndone\n');
});

test('on a terminal the live line is written over and stays below what is said', () => {
  const { screen, written } = screenOn({ isTTY: true, columns: 10 });
  screen.live('1 waiting, and more than fits');
  screen.say('done');
  expect(written()).toBe('\r\u001b[2K1 waiting\r\u001b[2Kdone\n1 waiting');
});
