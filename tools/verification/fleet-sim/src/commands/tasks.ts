import { simulate } from '../engine/simulate.ts';
import { ALL_POLICIES } from '../policies/index.ts';
import { boundRun } from '../report/bound-run.ts';
import type { RunBound } from '../report/report-input.ts';
import type { RunResult } from '../types.ts';
import { makeWorkload, WORKLOADS } from '../workloads/index.ts';

/** All runs of one workload and seed, which share its arrivals. */
export interface Task {
  workload: string;
  seed: number;
  policies: readonly string[];
  /** The policy for whose waits the clairvoyant bound is computed; undefined: no bound. */
  boundFor: string | undefined;
}

/** The results of one or more tasks. */
export interface Outcome {
  results: RunResult[];
  bounds: RunBound[];
}

/** @throws Error for an unknown workload or policy */
export function runTask({ workload, seed, policies, boundFor }: Task): Outcome {
  const kind = WORKLOADS.find(({ name }) => name === workload);
  if (kind === undefined) throw new Error(`unknown workload ${workload}`);
  const made = makeWorkload(kind, seed);
  const results = policies.map((name) => {
    const policy = ALL_POLICIES.find((each) => each.name === name);
    if (policy === undefined) throw new Error(`unknown policy ${name}`);
    return simulate(made, policy);
  });
  return { results, bounds: boundFor === undefined ? [] : boundRun(made, results, boundFor) };
}
