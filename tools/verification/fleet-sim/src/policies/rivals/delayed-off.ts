import type { Rival } from './rival.ts';

/**
 * DelayedOff: a job that finds every server busy turns one on; a server that has been idle for `t_wait` turns
 * itself off, and `t_wait` is what a setup costs divided by what idling costs a second. An instance costs the
 * same in both, so that is the boot time (A. Gandhi, V. Gupta, M. Harchol-Balter, M. Kozuch: Optimality
 * analysis of energy-performance trade-off for server farm management, Performance Evaluation 67, 2010). The
 * paper routes to the most recently busy server; SQS delivers to the worker that polls, and so does the simulator.
 */
export const delayedOff: Rival = {
  name: 'delayed-off',
  everySeconds: 2,
  scaleIn: { kind: 'idle', seconds: ({ boot }) => boot.medianSeconds },
  start:
    ({ slots }) =>
    ({ queue, workers }) => {
      const up = workers.filter((worker) => worker.up).length;
      return Math.max(workers.length, up + Math.ceil(queue.visible / slots));
    },
};
