import { fileURLToPath } from 'node:url';

/**
 * Returns the path of a script that runs in another process or thread.
 * @param source URL of the script in the source tree; in a bundle it is a .js file next to main.js
 */
export function scriptPath(source: URL): string {
  const path = fileURLToPath(source);
  return import.meta.url.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js');
}
