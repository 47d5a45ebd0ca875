import { readFileSync } from 'node:fs';

import { EXIT, StartError } from '@labelfleet/runtime';
import * as z from 'zod';

import { policy } from './policy.ts';

const policies = z.strictObject({
  /** By access key id. */
  accessKeys: z.record(z.string(), policy).default({}),
  /** Of instances, by the name of their profile. */
  profiles: z
    .record(
      z.string(),
      z.strictObject({
        /** The name of the profile's role, which a launch passes. Default: the name of the profile. */
        role: z.string().optional(),
        policy,
      }),
    )
    .default({}),
});

export type Policies = z.output<typeof policies>;

/** @throws StartError naming every fault of the file */
export function readPolicies(path: string): Policies {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const message = `LOCAL_CLOUD_POLICIES: ${path} cannot be read as JSON: ${String(error)}`;
    throw new StartError(message, EXIT.config, { cause: error });
  }
  const parsed = policies.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new StartError(
    `LOCAL_CLOUD_POLICIES: ${path} is not usable:\n${z.prettifyError(parsed.error)}`,
    EXIT.config,
  );
}
