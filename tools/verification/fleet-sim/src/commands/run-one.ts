import { EXIT, StartError } from '@labelfleet/runtime';
import { encodeTick, POLICY_NAMES, type Decided, type TickInputs } from '@labelfleet/scaling';
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { simulate, type Policy } from '../engine/simulate.ts';
import type { Options } from '../options.ts';
import { ALL_POLICIES } from '../policies/index.ts';
import { productPolicy } from '../policies/product.ts';
import type { RunResult, Workload } from '../types.ts';
import { makeWorkload, WORKLOADS } from '../workloads/index.ts';
import { decodeTrace, traceWorkload } from '../workloads/trace.ts';
import { aWorld, decodeWorldChanges, type WorldChanges } from '../world-settings.ts';

/**
 * Runs one policy on a workload or a trace.
 * @throws StartError if a file cannot be read or is malformed
 */
export async function runOne(options: Options & { command: 'run' }): Promise<RunResult> {
  const { work, policy, seed, world, ticks } = options;
  const changes = world === undefined ? {} : await readChanges(world);
  const workload =
    'trace' in work
      ? { ...(await readTrace(work.trace, seed)), world: aWorld(changes) }
      : known(work.workload, seed, changes);
  if (ticks === undefined) return simulate(workload, policyOf(policy));
  const name = POLICY_NAMES.find((each) => each === policy);
  if (name === undefined)
    throw new StartError(
      `--ticks: ${policy} is not a policy of the product, and only these record ticks`,
      EXIT.usage,
    );
  const file = createFile(ticks);
  const onTick = (inputs: TickInputs, decided: Decided) =>
    writeSync(file, `${encodeTick(inputs, decided)}\n`);
  const result = simulate(workload, productPolicy(name, { onTick }));
  closeSync(file);
  return result;
}

function policyOf(name: string): Policy {
  const policy = ALL_POLICIES.find((each) => each.name === name);
  if (policy === undefined) throw new Error(`unknown policy ${name}`);
  return policy;
}

function createFile(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new StartError(`${path} cannot be written: ${String(error)}`, EXIT.cannotCreate);
  }
}

function known(name: string, seed: number, changes: WorldChanges): Workload {
  const kind = WORKLOADS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`unknown workload ${name}`);
  return makeWorkload(kind, seed, changes);
}

async function readTrace(path: string, seed: number) {
  const decoded = decodeTrace(await read(path));
  if (decoded.kind === 'malformed') throw malformed(path, decoded.reason);
  return traceWorkload(basename(path), decoded.trace, seed);
}

async function readChanges(path: string): Promise<WorldChanges> {
  const decoded = decodeWorldChanges(await read(path));
  if (decoded.kind === 'malformed') throw malformed(path, decoded.reason);
  return decoded.value;
}

const read = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`${path} cannot be read: ${String(error)}`, EXIT.noInput);
  });

const malformed = (path: string, reason: string) =>
  new StartError(`${path}: ${reason}`, EXIT.noInput);
