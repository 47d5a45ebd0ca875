/**
 * The paths in a list: ended by NUL as `find -print0` writes them where there is a NUL, and a line each otherwise.
 * Empty ones are left out.
 */
export function parsePathList(text: string): string[] {
  const paths = text.includes('\0') ? text.split('\0') : text.split(/\r?\n/);
  return paths.filter((path) => path !== '');
}
