/** What the person who started the stack sees. */
export interface Screen {
  /** A line that stays. */
  say(line: string): void;
  /** The line that is always the last one and changes in place; elsewhere than on a terminal, a line for every change. */
  live(line: string): void;
}

export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

const CLEAR_LINE = '\r\u001b[2K';

export function openScreen(output: Output): Screen {
  let shown = '';
  if (output.isTTY !== true) {
    return {
      say: (line) => void output.write(`${line}\n`),
      live(line) {
        if (line !== shown) output.write(`${line}\n`);
        shown = line;
      },
    };
  }
  return {
    say: (line) => void output.write(`${CLEAR_LINE}${line}\n${shown}`),
    live(line) {
      // A line that wraps cannot be cleared in place. Some terminals do not tell their width.
      shown = line.slice(0, (output.columns || 80) - 1);
      output.write(CLEAR_LINE + shown);
    },
  };
}
