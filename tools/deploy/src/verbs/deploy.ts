import { EXIT, StartError } from '@labelfleet/runtime';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from '../aws/account.ts';
import type { Stacks } from '../aws/stacks.ts';
import { ROLES, type Role } from '../rights/policies.ts';
import { archOf, type Settings } from '../settings.ts';
import { buildApp } from '../stacks/build-app.ts';
import type { PackFile, Packs } from '../stacks/instance.ts';
import { runStack, urlOf } from './names.ts';
import { nextSteps, resolveName } from './domain.ts';
import { findDomainFaults, inspectAccount, judge } from './preflight.ts';

/** The model that workers have in them without `--model`. */
const EMBEDDED_MODEL = 'everyday-100';
const ASSEMBLY = 'dist/cdk.out';

export interface DeployDeps {
  region: string;
  account: Account;
  stacks: Stacks;
  tell: (line: string) => void;
}

/**
 * Deploys, or upgrades what is deployed.
 * @param dryRun looks at the account and shows what would change, and changes nothing
 * @throws StartError before anything is made, if it would not work
 */
export async function deploy(
  settings: Settings,
  { region, account, stacks, tell }: DeployDeps,
  dryRun: boolean,
): Promise<void> {
  const { faults, bootstrap, createSpotRole } = judge(
    settings,
    await inspectAccount({ region, account, stacks, resolve: resolveName }, settings),
  );
  if (faults.length > 0) throw new StartError(faults.join('\n'), EXIT.unavailable);
  const packs = await makePacks(settings, tell);
  buildApp(settings, packs, ASSEMBLY).app.synth();
  if (dryRun) {
    if (bootstrap) tell('would bootstrap CDK in this account and region');
    if (createSpotRole) tell("would create the account's role for Spot");
    if (!bootstrap) await cdk(region, 'diff');
    return;
  }
  if (createSpotRole) await account.createSpotRole();
  const { account: id } = await account.identity();
  if (bootstrap) await cdk(region, 'bootstrap', `aws://${id}/${region}`);
  await cdk(region, 'deploy', '--all', '--require-approval', 'never');
  const deployed = await stacks.find(runStack(settings.fleet));
  const address = deployed?.outputs['PublicAddress'];
  const { domain, certificateArn } = settings;
  if (domain !== undefined && certificateArn !== undefined) {
    tell(`Point ${domain} to ${address ?? ''}, by a CNAME record or an alias.`);
  }
  const unresolved = await findDomainFaults(settings, address, resolveName);
  for (const line of nextSteps(unresolved)) tell(line);
  tell(urlOf(deployed).href);
}

/** Runs the CDK command on the synthesized stacks, with the caller's credentials and terminal. */
async function cdk(region: string, ...args: string[]): Promise<void> {
  const child = spawn('npx', ['--prefix', 'tools/deploy', 'cdk', ...args, '--app', ASSEMBLY], {
    stdio: 'inherit',
    env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new StartError(`cdk ${args[0] ?? ''} failed; its reason is above.`, EXIT.unavailable);
  }
}

async function makePacks(settings: Settings, tell: (line: string) => void): Promise<Packs> {
  const modelDir = await findModel(settings.model, tell);
  const [workerType = ''] = settings.workerTypes;
  const archs = {
    gateway: archOf(settings.gatewayType),
    scaler: archOf(settings.scalerType),
    worker: archOf(workerType),
  };
  const packs: Partial<Record<Role, PackFile>> = {};
  for (const app of ROLES) {
    const arch = archs[app];
    tell(`packing the ${app} for ${arch}`);
    const model = app === 'worker' && modelDir !== undefined ? ['--model', modelDir] : [];
    await run('npx', ['nx', 'run', `${app}:pack`, '--arch', arch, ...model]);
    const file = join('dist/packs', `${app}-linux-${arch}.tar.gz`);
    const [sha256 = ''] = (await readFile(`${file}.sha256`, 'utf8')).split(' ');
    packs[app] = { file, sha256 };
  }
  return packs as Packs;
}

/** @returns a model directory, or undefined for the embedded model */
async function findModel(model: string, tell: (line: string) => void): Promise<string | undefined> {
  if (model === EMBEDDED_MODEL) return undefined;
  if (await isFolder(model)) return model;
  const folder = join('.labelfleet/models', 'deploy', model);
  if (await isFolder(folder)) return folder;
  tell(`fetching ${model}`);
  try {
    await run('npm', ['run', '-s', 'model', '--', 'pull', model, '--to', folder]);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new StartError(
      `The model ${model} is no folder and cannot be fetched:\n${stderr.trim()}\nGive --model ${EMBEDDED_MODEL}, which needs no download, or a model directory.`,
      EXIT.unavailable,
      { cause: error },
    );
  }
  return folder;
}

const run = promisify(execFile);

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
