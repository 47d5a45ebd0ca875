/** Dollars with three significant digits, at most to thousandths of a cent. */
export function formatUsd(usd: number): string {
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(usd >= 0.1 ? 3 : usd >= 0.01 ? 4 : 5)}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s`;
}

export const formatPercent = (share: number, digits = 0): string =>
  `${(100 * share).toFixed(digits)} %`;

/** A duration for people. */
export function formatLength(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 3 * 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A whole number with thousands separators. */
export const formatCount = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
