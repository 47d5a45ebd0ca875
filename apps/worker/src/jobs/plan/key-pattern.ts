/** One character of a key: a given one, any (`?`), or one of a set (`[…]`). */
type Matcher = number | 'any' | CharacterSet;

interface CharacterSet {
  readonly negated: boolean;
  /** First and last code point. A range whose last is before its first holds nothing. */
  readonly ranges: readonly (readonly [number, number])[];
}

/**
 * Patterns of `aws s3 cp --include`, which are those of Python's `fnmatch`: `*` matches everything, a slash too, `?`
 * one character, `[sequence]` one of these and `[!sequence]` none of these. A `[` without its `]` is a plain character.
 * @returns whether a whole key matches. Its time grows with the product of both lengths at most
 */
export function keyPattern(pattern: string): (key: string) => boolean {
  const tokens = parse(codePoints(pattern));
  return (key) => matches(tokens, codePoints(key));
}

/** Whether a job wants a key: one that `include` matches, if there is any, and `exclude` does not. */
export function keyFilter(patterns: {
  include?: readonly string[] | undefined;
  exclude?: readonly string[] | undefined;
}): (key: string) => boolean {
  const include = patterns.include?.map(keyPattern);
  const exclude = patterns.exclude?.map(keyPattern) ?? [];
  return (key) =>
    (include === undefined || include.some((matchesKey) => matchesKey(key))) &&
    !exclude.some((matchesKey) => matchesKey(key));
}

const codePoints = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) ?? 0);

const [STAR, QUESTION, OPEN, CLOSE, NOT, DASH] = codePoints('*?[]!-');

function parse(pattern: readonly number[]): (Matcher | 'star')[] {
  const tokens: (Matcher | 'star')[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const set = char === OPEN ? parseSet(pattern, at) : undefined;
    if (set !== undefined) {
      tokens.push(set);
      at = set.end;
    } else if (char === STAR) {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else tokens.push(char === QUESTION ? 'any' : char);
  }
  return tokens;
}

/** @returns undefined if the set has no end */
function parseSet(
  pattern: readonly number[],
  open: number,
): (CharacterSet & { end: number }) | undefined {
  const negated = pattern[open + 1] === NOT;
  const begin = open + (negated ? 2 : 1);
  // A `]` at the beginning belongs to the set.
  const end = pattern.indexOf(CLOSE!, begin + 1);
  if (end === -1) return undefined;
  const ranges: [number, number][] = [];
  for (let at = begin; at < end; at++) {
    const first = pattern[at]!;
    const isRange = pattern[at + 1] === DASH && at + 2 < end;
    ranges.push([first, isRange ? pattern[at + 2]! : first]);
    if (isRange) at += 2;
  }
  return { negated, ranges, end };
}

function matches(tokens: readonly (Matcher | 'star')[], key: readonly number[]): boolean {
  let token = 0;
  let at = 0;
  /** Where to go on when the rest does not match: behind the last star, which then takes one character more. */
  let star: { token: number; at: number } | undefined;
  while (at < key.length) {
    const next = tokens[token];
    if (next === 'star') star = { token: ++token, at };
    else if (next !== undefined && matchesOne(next, key[at]!)) {
      token++;
      at++;
    } else if (star === undefined) return false;
    else {
      token = star.token;
      at = ++star.at;
    }
  }
  // Two stars are never side by side.
  return token === tokens.length || (token === tokens.length - 1 && tokens[token] === 'star');
}

function matchesOne(matcher: Matcher, char: number): boolean {
  if (typeof matcher === 'number') return matcher === char;
  if (matcher === 'any') return true;
  const { negated, ranges } = matcher;
  return ranges.some(([first, last]) => first <= char && char <= last) !== negated;
}
