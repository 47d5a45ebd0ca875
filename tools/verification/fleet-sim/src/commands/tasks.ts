import { simulate } from '../engine/simulate.ts';
import { policyNamed } from '../policies/index.ts';
import { boundRun } from '../report/bound-run.ts';
import type { RunBound } from '../report/report-input.ts';
import type { RunResult } from '../types.ts';
import { makeWorkload, workloadNamed } from '../workloads/index.ts';

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
  const made = makeWorkload(workloadNamed(workload), seed);
  const results = policies.map((name) => simulate(made, policyNamed(name)));
  return { results, bounds: boundFor === undefined ? [] : boundRun(made, results, boundFor) };
}
