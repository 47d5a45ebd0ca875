import type { Step } from '../plan/steps.ts';

const PUT = ['PutObject'];
const SEND = ['SendMessage', 'SendMessageBatch'];
const DELETE = ['DeleteMessage', 'DeleteMessageBatch'];
const BATCH = { queue: 'labelfleet-batch' };
const PLAN = { ...BATCH, body: '*plan*' };
const CHUNKS = { ...BATCH, body: '*chunk*' };
const state = (key: string) => ({ bucket: 'labelfleet-state', key });
const PARTS = { bucket: 'labelfleet-output', key: 'jobs/*.jsonl' };

const at = (
  role: Step['role'],
  name: string,
  when: Step['when'],
  action: string[],
  match: Step['match'],
): Step => ({ role, name, when, action, match, rare: false, holding: () => [] });

/** Steps of chunks and pages (J2, J3, J4, J6): a job takes each of them many times. */
export const FREQUENT_STEPS: readonly Step[] = [
  at('worker', 'before the page is stored', 'before', PUT, state('jobs/*/pages/*')),
  at('worker', 'after the page is stored', 'after', PUT, state('jobs/*/pages/*')),
  at('worker', 'before chunk messages are sent', 'before', SEND, CHUNKS),
  at('worker', 'after chunk messages are sent', 'after', SEND, CHUNKS),
  at('worker', 'before the part is stored', 'before', PUT, PARTS),
  at('worker', 'after the part is stored', 'after', PUT, PARTS),
  at('worker', 'before the page marker is stored', 'before', PUT, state('jobs/*/done/*')),
  at('worker', 'after the page marker is stored', 'after', PUT, state('jobs/*/done/*')),
  at('worker', 'before the chunk message is deleted', 'before', DELETE, CHUNKS),
  at('worker', 'after the attempt is recorded', 'after', PUT, state('attempts/jobs/*')),
];

/** Steps at the beginning and the end of a job (J1, J2, J5). */
export const RARE_STEPS: readonly Step[] = [
  at('gateway', 'after the job is stored', 'after', PUT, state('jobs/*/job.json')),
  at('gateway', 'before the active marker is stored', 'before', PUT, state('jobs/active/*')),
  at('gateway', 'before the plan message is sent', 'before', SEND, PLAN),
  at('gateway', 'after the plan message is sent', 'after', SEND, PLAN),
  at('worker', 'before the plan is stored', 'before', PUT, state('jobs/*/plan.json')),
  at('worker', 'after the plan is stored', 'after', PUT, state('jobs/*/plan.json')),
  at('worker', 'before the plan message is deleted', 'before', DELETE, PLAN),
  at('worker', 'before the summary is stored', 'before', PUT, state('jobs/*/summary.json')),
  at('worker', 'after the summary is stored', 'after', PUT, state('jobs/*/summary.json')),
  at(
    'worker',
    'before the active marker is deleted',
    'before',
    ['DeleteObject'],
    state('jobs/active/*'),
  ),
];
