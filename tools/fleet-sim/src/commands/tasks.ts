import { simulate } from '../engine/simulate.ts';
import { ALL_POLICIES } from '../policies/index.ts';
import type { RunResult } from '../types.ts';
import { makeWorkload, WORKLOADS } from '../workloads/index.ts';

/** All runs of one workload and seed: they share its arrivals. */
export interface Task {
  workload: string;
  seed: number;
  policies: readonly string[];
}

/** @throws where there is no such workload or policy */
export function runTask({ workload, seed, policies }: Task): RunResult[] {
  const kind = WORKLOADS.find(({ name }) => name === workload);
  if (kind === undefined) throw new Error(`no workload ${workload}`);
  const made = makeWorkload(kind, seed);
  return policies.map((name) => {
    const policy = ALL_POLICIES.find((each) => each.name === name);
    if (policy === undefined) throw new Error(`no policy ${name}`);
    return simulate(made, policy);
  });
}
