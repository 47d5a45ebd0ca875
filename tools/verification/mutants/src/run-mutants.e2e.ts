import { bundle } from '@labelfleet/bundle/bundle';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RUN_MUTANTS, type RunMutant } from './mutants.ts';
import { mutation } from './mutate.ts';
import { burst } from './scenarios/burst.ts';
import { killedAfterLaunch } from './scenarios/killed-after-launch.ts';
import { killedBeforeReply } from './scenarios/killed-before-reply.ts';
import { killedBeforeWebhook } from './scenarios/killed-before-webhook.ts';
import { killedBeforeStore } from './scenarios/killed-before-store.ts';
import { redelivery } from './scenarios/redelivery.ts';
import { twoResults } from './scenarios/two-results.ts';
import { folderOf, WORKSPACE } from './workspace.ts';

const SCENARIOS = {
  'killed-before-store': killedBeforeStore,
  'two-results': twoResults,
  'killed-after-launch': killedAfterLaunch,
  'killed-before-reply': killedBeforeReply,
  'killed-before-webhook': killedBeforeWebhook,
  redelivery,
  burst,
} as const satisfies Record<RunMutant['scenario'], (main: string) => Promise<string | undefined>>;

const BREAKS = {
  'killed-before-store': /lost/,
  'two-results': /two different answers/,
  'killed-after-launch': /above max/,
  'killed-before-reply': /nobody replies/,
  'killed-before-webhook': /no webhook/,
  redelivery: /not alone/,
  burst: /never deleted/,
} as const satisfies Record<RunMutant['scenario'], RegExp>;

/** @returns the path of its main.js */
async function build(app: RunMutant['app'], mutant?: RunMutant): Promise<string> {
  const out = join(folderOf(mutant?.name ?? 'none'), app);
  const plugins = mutant === undefined ? [] : [mutation(mutant, WORKSPACE)];
  await bundle(`apps/${app}`, { workspace: WORKSPACE, out, plugins });
  return join(WORKSPACE, out, 'main.js');
}

const product = { worker: build('worker'), scaler: build('scaler') };

describe.concurrent.each(RUN_MUTANTS)('$scenario: where $name ($rule)', (mutant) => {
  const { app, scenario } = mutant;

  test.concurrent('something breaks', async () => {
    expect(await SCENARIOS[scenario](await build(app, mutant))).toMatch(BREAKS[scenario]);
  });

  test.concurrent('nothing does where not', async () => {
    expect(await SCENARIOS[scenario](await product[app])).toBeUndefined();
  });
});
