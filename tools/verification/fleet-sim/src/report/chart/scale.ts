/** Maps a value to a position on an axis. */
export type Scale = (value: number) => number;

export interface Range {
  from: number;
  to: number;
}

export const linear =
  (domain: Range, range: Range): Scale =>
  (value) =>
    range.from + ((value - domain.from) / (domain.to - domain.from)) * (range.to - range.from);

/** @param domain above 0 */
export const logarithmic = (domain: Range, range: Range): Scale => {
  const scale = linear({ from: Math.log(domain.from), to: Math.log(domain.to) }, range);
  return (value) => scale(Math.log(value));
};

/** A logarithmic scale that includes 0. */
export const logarithmicFromZero = (most: number, range: Range): Scale => {
  const scale = linear({ from: 0, to: Math.log1p(most) }, range);
  return (value) => scale(Math.log1p(value));
};

/** The numbers 1, 2 and 5 of each decade within a range above 0, or only the 1 if there would be too many. */
export function roundNumbers({ from, to }: Range, most = 8): number[] {
  const within = (digits: readonly number[]) => {
    const numbers: number[] = [];
    for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
      for (const digit of digits) {
        // Parsed from decimal text, so that 0.3 is exact.
        const number = Number(`${digit}e${power}`);
        if (number >= from && number <= to) numbers.push(number);
      }
    }
    return numbers;
  };
  return [[1, 2, 5], [1, 3], [1]].map(within).find((each) => each.length <= most) ?? within([1]);
}

/** The next round number for a value of at least 1 whose half is round too. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const factor = [1, 2, 4, 6, 8, 10].find((each) => each * power >= value) ?? 10;
  return factor * power;
}
