import { NODE_BUNDLE } from '@labelfleet/bundle/bundle';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { ModelMutant } from './mutants.ts';
import { mutation } from './mutate.ts';
import { folderOf, WORKSPACE } from './workspace.ts';

/** Builds a model with a mutant and explores its cases. @returns the printed violation */
export async function violationOf(mutant: ModelMutant): Promise<string | undefined> {
  const out = join(WORKSPACE, folderOf(mutant.name));
  await build({
    ...NODE_BUNDLE,
    absWorkingDir: WORKSPACE,
    entryPoints: [join(WORKSPACE, 'tools/verification/protocol-model/src/main.ts')],
    outdir: out,
    plugins: [mutation(mutant, WORKSPACE)],
    logLevel: 'silent',
  });
  const { code, output } = await run([join(out, 'main.js'), mutant.model, '--cases']);
  const violation = /^violation (?!none)(.*)$/m.exec(output)?.[1];
  if ((code === 0) !== (violation === undefined)) throw new Error(`the model ended with ${code}`);
  return violation;
}

function run(args: string[]): Promise<{ code: number | string | null; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, output) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), output });
    });
  });
}
