import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { App } from '../packs.ts';
import type { Policy } from './deploy-locally.ts';

/** What is changed of a deployment before it starts. */
export interface Changes {
  /** Of the workers' launch template. */
  template?: (data: RequestLaunchTemplateData) => RequestLaunchTemplateData;
  policies?: (role: App, policy: Policy) => Policy;
}

/** Replaces a line of the workers' user data. @throws Error if there is no such line */
export const withUserData = (line: RegExp, instead: string): Changes => ({
  template: (data) => {
    const script = Buffer.from(data.UserData ?? '', 'base64').toString();
    if (!line.test(script)) throw new Error(`the user data has no line ${line.source}`);
    return { ...data, UserData: Buffer.from(script.replace(line, instead)).toString('base64') };
  },
});

/**
 * Removes resources from a statement of a role's policy; by default all of them, and with them the statement.
 * @throws Error if the statement has no such resource
 */
export const withoutRight = (from: App, sid: string, resources = /^/): Changes => ({
  policies: (role, policy) => {
    if (role !== from) return policy;
    let removed = 0;
    const Statement = policy.Statement.flatMap((statement) => {
      if (statement.Sid !== sid) return [statement];
      const all = [statement.Resource].flat();
      const left = all.filter((resource) => !resources.test(resource));
      removed = all.length - left.length;
      return left.length === 0 ? [] : [{ ...statement, Resource: left }];
    });
    if (removed === 0) throw new Error(`${from} has no ${sid} on ${resources.source}`);
    return { ...policy, Statement };
  },
});
