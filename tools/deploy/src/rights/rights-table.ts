import { POLICIES, ROLES, type Names, type Statement } from './policies.ts';

/** The resources as a reader calls them. */
const WORDS: Names = {
  fleet: 'the fleet',
  requestQueue: 'request queue',
  deadLetterQueue: 'its dead-letter queue',
  fleetEventQueue: 'fleet-event queue',
  webhookQueue: 'outbox queue',
  webhookDeadLetterQueue: "the outbox's dead-letter queue",
  batchQueue: 'batch queue',
  batchDeadLetterQueue: "the batch queue's dead-letter queue",
  replyQueues: 'reply queues, by prefix',
  inputBucket: 'input bucket',
  outputBucket: 'output bucket',
  stateBucket: 'state bucket',
  jobSources: ['`--job-sources` bucket/*'],
  jobDestinations: ['`--job-destinations` bucket/*'],
  launchTemplate: "the workers' launch template",
  workerRole: "the workers' role",
  workerProfile: '',
  workerSecurityGroup: "the workers' security group",
  subnets: ['*'],
  instanceTypes: [],
  spot: true,
  ec2: (resource) => `\`${resource}\``,
  images: '`image/*`',
};

/** The rights of the roles as a Markdown table. */
export function rightsTable(): string {
  const rows = ROLES.flatMap((role) =>
    POLICIES[role](WORDS).map(
      (statement) => `| ${role} | ${actions(statement)} | ${resources(statement)} |`,
    ),
  );
  return ['| role | may | on |', '| --- | --- | --- |', ...rows].join('\n');
}

const actions = ({ Action }: Statement): string =>
  Action.map((action) => `\`${action}\``).join(', ');

function resources({ Resource, Condition }: Statement): string {
  const list = Resource.map((resource) =>
    resource.replace(/^(.+ bucket)\/(.+)$/, '$1 `$2`').replace(/^\*$/, 'everything'),
  );
  return list.join(', ') + (Condition === undefined ? '' : ', on conditions');
}
