import { buildSync } from 'esbuild';
import { fileURLToPath } from 'node:url';

let built: Uint8Array | undefined;

/** Builds the page's script. The bundle of the gateway contains the output; a gateway from source calls this. */
export function buildPage(): Uint8Array {
  built ??= buildSync({
    entryPoints: [fileURLToPath(new URL('page/main.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17.4'],
    minify: true,
    write: false,
  }).outputFiles[0]?.contents;
  if (built === undefined) throw new Error('esbuild made no output');
  return built;
}
