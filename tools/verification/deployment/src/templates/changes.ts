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

/** Removes a statement from the policy of a role. @throws Error if there is no such statement */
export const withoutStatement = (from: App, sid: string): Changes => ({
  policies: (role, policy) => {
    if (role !== from) return policy;
    const Statement = policy.Statement.filter(({ Sid }) => Sid !== sid);
    if (Statement.length === policy.Statement.length) throw new Error(`${from} has no ${sid}`);
    return { ...policy, Statement };
  },
});
