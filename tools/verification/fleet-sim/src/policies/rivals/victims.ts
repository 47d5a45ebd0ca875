import type { ScaleIn, Victim } from './rival.ts';

/**
 * As a ReplicaSet deletes pods: those that are not ready first, then the youngest
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset).
 */
export const youngestFirst: Victim = (one, other) =>
  Number(one.up) - Number(other.up) || other.launchedAt - one.launchedAt;

/**
 * As an Auto Scaling group with one launch template in one zone: the instance closest to its next billing hour
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html).
 */
export const nearestBillingHour: Victim = (one, other, nowSeconds) =>
  ((nowSeconds - other.launchedAt) % 3600) - ((nowSeconds - one.launchedAt) % 3600);

/** Orders workers by idle time, the longest first and busy ones last. */
export const longestIdleFirst: Victim = (one, other) =>
  Number(one.busy) - Number(other.busy) || other.idleSeconds - one.idleSeconds;

/** To the wanted size, with victims in this order. */
export const toSize = (victim: Victim, graceSeconds = 0): ScaleIn => ({
  kind: 'to-size',
  victim,
  graceSeconds,
});
