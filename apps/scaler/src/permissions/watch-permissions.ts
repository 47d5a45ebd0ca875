import type { Deps } from '../deps.ts';
import { queueArn, type MissingPermissions } from './missing-permissions.ts';

type Connections = Pick<Deps, 'sqs' | 's3' | 'ec2'>;

/** Wraps the connections so that each permission that a call lacks is logged. */
export function watchPermissions(
  { sqs, s3, ec2 }: Connections,
  permissions: MissingPermissions,
): Connections {
  const urlOf = (args: readonly unknown[]) => queueArn(String(args[0]));
  return {
    sqs: {
      queue: (url) => permissions.watch(sqs.queue(url), 'sqs', () => queueArn(url)),
      sender: permissions.watch(sqs.sender, 'sqs', urlOf),
      admin: permissions.watch(sqs.admin, 'sqs', urlOf),
      close: () => sqs.close(),
    },
    s3: {
      store: (bucket) =>
        permissions.watch(
          s3.store(bucket),
          's3',
          ([key]) => `arn:aws:s3:::${bucket}${typeof key === 'string' ? `/${key}` : ''}`,
        ),
      close: () => s3.close(),
    },
    ec2: {
      fleet: permissions.watch(ec2.fleet, 'ec2', ([about]) =>
        typeof about === 'string' && about.startsWith('i-') ? `instance/${about}` : '*',
      ),
      close: () => ec2.close(),
    },
  };
}
