import type { Decoded } from '@labelfleet/contracts';
import { EXIT, StartError } from '@labelfleet/runtime';
import { encodeTick, POLICY_NAMES } from '@labelfleet/scaling';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { simulate } from '../engine/simulate.ts';
import type { RunOptions } from '../options.ts';
import { policyNamed } from '../policies/index.ts';
import { productPolicy } from '../policies/product.ts';
import type { RunResult } from '../types.ts';
import { makeWorkload, workloadNamed } from '../workloads/index.ts';
import { decodeTrace, traceWorkload } from '../workloads/trace.ts';
import { aWorld, decodeWorldChanges } from '../world-settings.ts';

/**
 * Runs one policy on a workload or a trace.
 * @throws StartError if a file cannot be read or written, or is malformed
 */
export async function runOne(options: RunOptions): Promise<RunResult> {
  const { work, policy, seed, world, ticks } = options;
  const changes = world === undefined ? {} : await read(world, decodeWorldChanges);
  const workload =
    'trace' in work
      ? traceWorkload(
          basename(work.trace),
          await read(work.trace, decodeTrace),
          seed,
          aWorld(changes),
        )
      : makeWorkload(workloadNamed(work.workload), seed, changes);
  if (ticks === undefined) return simulate(workload, policyNamed(policy));
  const name = POLICY_NAMES.find((each) => each === policy);
  if (name === undefined)
    throw new StartError(
      `--ticks: ${policy} is not a policy of the product, and only these record ticks`,
      EXIT.usage,
    );
  const lines: string[] = [];
  const result = simulate(
    workload,
    productPolicy(name, {
      onTick: (inputs, decided) => lines.push(`${encodeTick(inputs, decided)}\n`),
    }),
  );
  await writeFile(ticks, lines).catch((error: unknown) => {
    throw new StartError(`${ticks} cannot be written: ${String(error)}`, EXIT.cannotCreate);
  });
  return result;
}

async function read<T>(path: string, decode: (text: string) => Decoded<T>): Promise<T> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`${path} cannot be read: ${String(error)}`, EXIT.noInput);
  });
  const decoded = decode(text);
  if (decoded.kind === 'malformed')
    throw new StartError(`${path}: ${decoded.reason}`, EXIT.noInput);
  return decoded.value;
}
