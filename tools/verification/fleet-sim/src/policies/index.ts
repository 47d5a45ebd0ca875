import { POLICY_NAMES } from '@labelfleet/scaling';
import type { Policy } from '../engine/simulate.ts';
import { ABLATIONS } from './ablations.ts';
import { productPolicy } from './product.ts';
import { RIVALS } from './rivals/index.ts';
import { rivalPolicy } from './rivals/rival.ts';

/** All policies: the product's own and the rivals. */
export const POLICIES: readonly Policy[] = [
  ...POLICY_NAMES.map((name) => productPolicy(name)),
  ...RIVALS.map(rivalPolicy),
];

export const ALL_POLICIES: readonly Policy[] = [...POLICIES, ...ABLATIONS];

/** @throws Error for an unknown name */
export function policyNamed(name: string): Policy {
  const policy = ALL_POLICIES.find((each) => each.name === name);
  if (policy === undefined) throw new Error(`unknown policy ${name}`);
  return policy;
}
