import { fileURLToPath } from 'node:url';

/**
 * Path of a script that runs apart from the module that starts it.
 * @param source its address as a sibling in source; in a bundle it is built, beside main.js
 */
export function scriptPath(source: URL): string {
  const path = fileURLToPath(source);
  return import.meta.url.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js');
}
