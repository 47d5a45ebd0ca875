import { buildSync } from 'esbuild';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built files by their names. */
export type BuiltPage = Readonly<Record<'page.js' | 'page.css', Uint8Array>>;

let built: BuiltPage | undefined;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Builds the page's script and style. The bundle of the gateway contains them; a gateway from source calls this. */
export function buildPage(): BuiltPage {
  built ??= build();
  return built;
}

function build(): BuiltPage {
  const { outputFiles } = buildSync({
    entryPoints: [
      { in: path('page/main.ts'), out: 'page' },
      { in: path('public/page.css'), out: 'page' },
    ],
    bundle: true,
    format: 'esm',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17.4'],
    minify: true,
    write: false,
    outdir: '.',
  });
  return Object.fromEntries(
    outputFiles.map(({ path, contents }) => [basename(path), contents]),
  ) as BuiltPage;
}
