import { App } from 'aws-cdk-lib';
import type { Settings } from '../settings.ts';
import { DataStack } from './data-stack.ts';
import type { Packs } from './instance.ts';
import { RunStack } from './run-stack.ts';

/** @param outdir where `app.synth()` writes the templates */
export function buildApp(settings: Settings, packs: Packs, outdir?: string) {
  const app = new App({ analyticsReporting: false, ...(outdir !== undefined && { outdir }) });
  const data = new DataStack(app, settings.fleet);
  const run = new RunStack(app, data, settings, packs);
  return { app, data, run };
}
