import { POLICY_NAMES } from '@labelfleet/scaling';
import { jobBound } from '../bound/job-bound.ts';
import { simulate } from '../engine/simulate.ts';
import { productPolicy } from '../policies/product.ts';
import type { JobRun } from '../report/jobs-page.ts';
import { sumOf } from '../statistics.ts';
import { makeWorkload } from '../workloads/index.ts';
import { JOB_WORKLOADS, makeJobWorkload } from '../workloads/job-workloads.ts';

/**
 * Runs the product's policies on every workload with jobs, and on the same requests without.
 * @param onRun called after each with the number of runs done and of all
 */
export function runJobs(seeds: number, onRun: (done: number, all: number) => void): JobRun[] {
  const runs: JobRun[] = [];
  const all = JOB_WORKLOADS.length * seeds * POLICY_NAMES.length;
  for (const kind of JOB_WORKLOADS)
    for (let seed = 1; seed <= seeds; seed++) {
      const workload = makeJobWorkload(kind, seed);
      const requests = makeWorkload(kind, seed);
      for (const name of POLICY_NAMES) {
        const policy = productPolicy(name);
        const run = simulate(workload, policy);
        const { jobs = [] } = run;
        runs.push({
          ...{ kind, run, jobs },
          without: simulate(requests, policy),
          requestSeconds: sumOf(Array.from(workload.serviceSeconds)) / workload.world.threads,
          boundSeconds: jobBound(workload, jobs),
          usdPerSecond: workload.world.billing.usdPerHour / 3600,
        });
        onRun(runs.length, all);
      }
    }
  return runs;
}
