import { parseSettings } from '../settings.ts';
import { buildApp } from '../stacks/build-app.ts';
import type { Packs } from '../stacks/instance.ts';

// For tests outside this project, which have no CDK: `node write-assembly.ts '{"outdir", "packs", "options"}'` writes
// the templates of a deployment and its packs, as `deploy` would upload them.
const { outdir, packs, options } = JSON.parse(process.argv[2] ?? '') as {
  outdir: string;
  packs: Packs;
  /** Of `deploy`, without dashes. */
  options: Record<string, string | boolean>;
};
buildApp(parseSettings(options), packs, outdir).app.synth();
