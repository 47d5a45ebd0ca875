/**
 * Splits a list of paths at NUL, as `find -print0` writes it, or at line ends if the text has no NUL. Empty paths are
 * dropped.
 */
export function parsePathList(text: string): string[] {
  const paths = text.includes('\0') ? text.split('\0') : text.split(/\r?\n/);
  return paths.filter((path) => path !== '');
}
