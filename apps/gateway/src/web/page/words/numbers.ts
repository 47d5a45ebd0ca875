/** "1,203,441" */
export const thousands = (count: number): string => Math.round(count).toLocaleString('en');

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : many}`;

/** "4 s", "2 min", "3 h". */
export function duration(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** The number and its sign stay on one line. */
export const percent = (score: number): string =>
  score > 0.995 && score < 1 ? '>\u00a099\u00a0%' : `${Math.round(score * 100)}\u00a0%`;

/** $0.023, $1.50, $120. */
export const dollars = (usd: number): string =>
  `$${usd >= 100 ? thousands(usd) : usd >= 0.1 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`;

/** "$3.10 to $3.60", "$0.02". */
export function dollarRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [dollars(low), dollars(high)];
  return from === to ? to : `${from} to ${to}`;
}

/** "about 9 s", "10 to 20 s", "80 s to 3 min". */
export function durationRange(lowMs: number, highMs: number): string {
  const [from, until] = [duration(lowMs), duration(highMs)];
  if (from === until) return `about ${until}`;
  const [number, unit] = from.split(' ');
  return unit === until.split(' ')[1] ? `${number} to ${until}` : `${from} to ${until}`;
}

/** "3 KB", "1.2 MB", "31 MB", "96 GB". */
export const megabytes = (bytes: number): string =>
  bytes >= 10_737_418_240
    ? `${thousands(bytes / 1_073_741_824)} GB`
    : bytes < 1_048_576
      ? `${Math.max(Math.round(bytes / 1024), 1)} KB`
      : `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
