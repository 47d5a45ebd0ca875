import type { ModelDescription } from '@labelfleet/contracts';
import { StartError, type Environment } from '@labelfleet/runtime';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { STACK_MARKER } from './app-environments.ts';
import { buildApps } from './build.ts';
import { checkApps } from './check-apps.ts';
import type { StackConfig } from './config.ts';
import { openDataFolder, writeAtomically, type DataFolder } from './data-folder.ts';
import { dotenv } from './dotenv.ts';
import { launch, type Product } from './launch.ts';
import { endLeftovers } from './leftovers.ts';
import { modelLine } from './model-line.ts';
import { findPorts } from './ports.ts';
import type { Screen } from './screen.ts';
import { takeStarterLock } from './starter-lock.ts';
import { watchFleet } from './watch-fleet.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');
const LOOK_AT_FLEET_MS = 500;
/** Short, because the parts have already used most of the 10 s in which everything must stop. */
const LEFTOVERS_GRACE_MS = 500;

/**
 * Builds and runs the whole product until it is stopped or a part of it dies. Every process has ended when this
 * resolves or rejects.
 * @param env the user's variables, which are passed on to the apps
 * @param stop may be aborted at any time
 * @throws StartError if the product cannot be started; the reason of `stop` if it was stopped before it was ready
 */
export async function runStack(
  config: StackConfig,
  env: Environment,
  stop: AbortSignal,
  screen: Screen,
): Promise<'stopped' | 'died'> {
  // It is disposed of in reverse order: gateway, scaler, local cloud with its workers, lock of the data folder.
  await using running = new AsyncDisposableStack();
  const folder = await openDataFolder(config.dataDir);
  const { model } = await checkApps(env, config);
  running.use(await takeStarterLock(folder.starterFile));
  await cleanUp(folder, screen);
  const ports = await findPorts(config);

  // This ends processes whose parent has died: workers of a local cloud and tasks of a build.
  running.defer(async () => void (await endLeftovers(folder.root, LEFTOVERS_GRACE_MS)));
  screen.say('Building (what has not changed comes from the cache) …');
  await buildApps(WORKSPACE, folder.log('build'), { ...env, [STACK_MARKER]: folder.root }, stop);
  stop.throwIfAborted();

  const startedAt = new Date();
  screen.say('Starting …');
  const context = { config, env, model, workspace: WORKSPACE, folder, ports, running, stop };
  const product = await launch(context);
  await writeAtomically(folder.localEnv, dotenv(product.variables));
  running.defer(() => rm(folder.localEnv, { force: true }));

  announce(product, model, folder, screen, Boolean(env['API_KEYS_FILE']));
  await watchFleet(product.state, {
    since: startedAt,
    everyMs: LOOK_AT_FLEET_MS,
    show: (line) => {
      screen.live(line);
    },
    say: (line) => {
      screen.say(line);
    },
    workerLogs: shown(folder.workerLogs),
    unixMs: Date.now,
    signal: product.ended,
  });
  screen.live('');
  if (!stop.aborted) screen.say(deathOf(product.ended.reason));
  screen.say('Stopping: the gateway, the scaler, then the workers with the local cloud …');
  return stop.aborted ? 'stopped' : 'died';
}

async function cleanUp(folder: DataFolder, screen: Screen): Promise<void> {
  await rm(folder.localEnv, { force: true });
  const ended = await endLeftovers(folder.root);
  if (ended.length === 0) return;
  screen.say('An earlier local stack had left these processes, which have been ended:');
  for (const { pid, name } of ended) screen.say(`  ${pid} ${name}`);
}

function announce(
  { url, variables }: Product,
  model: ModelDescription,
  folder: DataFolder,
  screen: Screen,
  usesKeys: boolean,
): void {
  screen.say(`
labelfleet is ready.
  model   ${modelLine(model)}
  page    ${url}
  try it  curl ${usesKeys ? '-H "Authorization: Bearer $KEY" ' : ''}-F myfile=@examples/ladybug.jpg ${url}
  inside  ${variables['AWS_ENDPOINT_URL']}/_local/, or any AWS client:
          set -a; . ${shown(folder.localEnv)}; set +a; aws --endpoint-url "$AWS_ENDPOINT_URL" s3 ls "s3://$OUTPUT_BUCKET"
  metrics ${variables['GATEWAY_METRICS_URL']}
  logs    ${shown(folder.logs)}; the workers' are in ${shown(folder.workerLogs)}
Ctrl-C drains and stops everything.
`);
}

/** Returns a path relative to the current folder, if it is inside. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

const deathOf = (reason: unknown): string =>
  reason instanceof StartError ? reason.message : String(reason);
