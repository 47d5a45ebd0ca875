import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

/** @throws Error that names the mutant if its text does not occur exactly once, because the source has changed */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = source.split(find).length - 1;
    throw new Error(`mutant "${name}": its text is in ${file} ${times} times, not once:\n${find}`);
  }
  return before + replace + after;
}

/** Bundles an app with a mutant, whose file is changed only while it is read. */
export const mutation = (mutant: Mutant, workspace: string): Plugin => ({
  name: 'mutation',
  setup(build) {
    const path = join(workspace, mutant.file);
    let mutated = false;
    build.onLoad({ filter: /\.ts$/ }, async (loaded) => {
      if (loaded.path !== path) return undefined;
      const contents = mutate(await readFile(path, 'utf8'), mutant);
      mutated = true;
      return { contents, loader: 'ts' };
    });
    build.onEnd(() => {
      if (mutated) return {};
      return { errors: [{ text: `mutant "${mutant.name}": ${mutant.file} is not in the bundle` }] };
    });
  },
});
