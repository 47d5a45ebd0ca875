/** The output to the user who started the stack. */
export interface Screen {
  /** Prints a line. */
  say(line: string): void;
  /** Replaces the last line of the terminal. If the output is not a terminal, it prints each changed line. */
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
      // A line that wraps cannot be cleared in place. Some terminals do not report their width.
      shown = line.slice(0, (output.columns || 80) - 1);
      output.write(CLEAR_LINE + shown);
    },
  };
}
