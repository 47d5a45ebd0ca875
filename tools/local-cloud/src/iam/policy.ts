import * as z from 'zod';

import { OPERATORS } from './operators.ts';

/** The condition keys that calls have here; tags by their prefix. */
const KEYS = new Set(
  [
    'aws:TagKeys',
    'ec2:CreateAction',
    'ec2:InstanceProfile',
    'ec2:InstanceType',
    'ec2:IsLaunchTemplateResource',
    'ec2:LaunchTemplate',
    'ec2:MetadataHttpTokens',
    'iam:PassedToService',
  ].map((key) => key.toLowerCase()),
);
const TAG = /^aws:(request|resource)tag\/./i;

/** Variables such as `${aws:username}` would be compared as they stand. */
const text = z.string().refine((value) => !value.includes('${'), {
  error: ({ input }) => `policy variables are not evaluated here: ${String(input)}`,
});
/** One or several. (A union would name no fault of its parts.) */
const list = <T>(one: z.ZodType<T>) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]) as unknown[], z.array(one));
const value = z.preprocess(
  (given) => (typeof given === 'boolean' || typeof given === 'number' ? String(given) : given),
  text,
);

const conditions = z
  .record(z.string(), z.record(z.string(), list(value)))
  .superRefine((operators, context) => {
    const refuse = (what: string) =>
      context.addIssue({ code: 'custom', message: `the condition ${what} is not evaluated here` });
    for (const [operator, keys] of Object.entries(operators)) {
      if (!Object.hasOwn(OPERATORS, operator)) refuse(`operator ${operator}`);
      for (const key of Object.keys(keys)) {
        if (!KEYS.has(key.toLowerCase()) && !TAG.test(key)) refuse(`key ${key}`);
      }
    }
  });

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: list(text),
  Resource: list(text),
  Condition: conditions.default({}),
});

/**
 * An identity policy. What would not be evaluated (NotAction, NotResource, an operator or a key) is refused, because a
 * Deny that never holds would allow.
 */
export const policy = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: list(statement),
});

export type Policy = z.output<typeof policy>;
