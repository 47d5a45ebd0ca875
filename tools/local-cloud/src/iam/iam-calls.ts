import { CALLS_TABLE, type Target } from './calls-table.ts';
import type { IamCall } from './evaluate.ts';

/** A resource of a call, and the values of condition keys that the call has for it. */
export type Resource = Omit<IamCall, 'action'>;

/** The resources of a call, by what the table names. */
export type Targets = Partial<Record<Target, readonly Resource[]>>;

/**
 * Returns what an API action asks of IAM.
 * @param action such as `s3:HeadObject`
 * @param targets of the call's service
 */
export function iamCalls(action: string, targets: Targets): IamCall[] {
  const row = CALLS_TABLE[action];
  if (row === undefined) throw new Error(`${action} has no row in the table of IAM actions`);
  const all: Targets = { '*': [{ resource: '*' }], ...targets };
  return row.flatMap(([iamAction, on]) =>
    (all[on] ?? []).map((resource) => ({ action: iamAction, ...resource })),
  );
}

type Tags = Readonly<Record<string, string>>;

/** The condition keys for tags that a call sets. */
export const requestTags = (tags: Tags): NonNullable<IamCall['context']> => ({
  ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
  ...prefixed('aws:RequestTag/', tags),
});

/** The condition keys for tags that a resource has. */
export const resourceTags = (tags: Tags): NonNullable<IamCall['context']> =>
  prefixed('aws:ResourceTag/', tags);

const prefixed = (prefix: string, tags: Tags) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]));
