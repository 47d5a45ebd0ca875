import type { Parts } from '../deps.ts';
import { queueArn, type MissingRights } from './missing-permissions.ts';

type Connections = Pick<Parts, 'sqs' | 's3' | 'ec2'>;

/** The same connections, with each right that a call lacks told. */
export function watchRights({ sqs, s3, ec2 }: Connections, rights: MissingRights): Connections {
  const urlOf = (args: readonly unknown[]) => queueArn(String(args[0]));
  return {
    sqs: {
      queue: (url) => rights.watch(sqs.queue(url), 'sqs', () => queueArn(url)),
      sender: rights.watch(sqs.sender, 'sqs', urlOf),
      admin: rights.watch(sqs.admin, 'sqs', urlOf),
      close: () => sqs.close(),
    },
    s3: {
      store: (bucket) =>
        rights.watch(
          s3.store(bucket),
          's3',
          ([key]) => `arn:aws:s3:::${bucket}${typeof key === 'string' ? `/${key}` : ''}`,
        ),
      close: () => s3.close(),
    },
    ec2: {
      fleet: rights.watch(ec2.fleet, 'ec2', ([about]) =>
        typeof about === 'string' && about.startsWith('i-') ? `instance/${about}` : '*',
      ),
      close: () => ec2.close(),
    },
  };
}
