/**
 * The exact lower confidence bound of a share of which `right` of `all` were seen (Clopper and Pearson, 1934): the
 * share for which at least so many would be right with a probability of only 1 - confidence.
 */
export function lowerBound(right: number, all: number, confidence: number): number {
  if (right === 0) return 0;
  const logOf = logChoose(all);
  const atLeastRight = (share: number) => {
    let sum = 0;
    for (let count = right; count <= all; count += 1)
      sum += Math.exp(
        (logOf[count] ?? 0) + count * Math.log(share) + (all - count) * Math.log1p(-share),
      );
    return sum;
  };
  // It grows with the share.
  let [low, high] = [0, right / all];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (atLeastRight(middle) < 1 - confidence) low = middle;
    else high = middle;
  }
  return low;
}

/** The logarithms of the binomial coefficients `all` over 0, 1, 2 and so on. */
function logChoose(all: number): number[] {
  const logs = [0];
  for (let count = 1; count <= all; count += 1)
    logs.push((logs[count - 1] ?? 0) + Math.log((all - count + 1) / count));
  return logs;
}
