import { ANY, type MetricDefinitions } from '../metric-definition.ts';

const VERDICTS = ['already-completed', 'complete', 'resend', 'wait'] as const;

export const SCALER_METRICS = {
  labelfleet_scaler_role: {
    type: 'gauge',
    help: 'Role of this scaler: 1 for the current role, 0 for the others',
    labels: { role: ['leader', 'standby', 'dry-run'] },
  },
  labelfleet_queue_images: {
    type: 'gauge',
    help: 'Images on the request queue',
    labels: { state: ['visible', 'in-flight', 'delayed'] },
  },
  labelfleet_workers: {
    type: 'gauge',
    help: 'Instances not yet terminated',
    labels: { state: ['booting', 'idle', 'busy', 'draining', 'drained', 'suspected', 'leaving'] },
  },
  labelfleet_workers_desired: { type: 'gauge', help: 'Workers that the last decision wants' },
  labelfleet_workers_suspected: { type: 'gauge', help: 'Workers silent for 15 s or more' },
  labelfleet_jobs_active: { type: 'gauge', help: 'Jobs that are not completed' },
  labelfleet_job_images_remaining: {
    type: 'gauge',
    help: 'Images of active jobs that are listed and not completed',
  },
  labelfleet_workers_for_jobs: {
    type: 'gauge',
    help: 'Workers that the last decision wants for jobs',
  },
  labelfleet_jobs_stalled: {
    type: 'gauge',
    help: '1 if no active job has made progress for 15 min, or for three times what a page takes',
  },
  labelfleet_decision_terms: {
    type: 'gauge',
    help: 'Terms of the last decision',
    labels: { term: ANY },
  },
  labelfleet_fleet_steps_total: {
    type: 'counter',
    help: 'Actions on the fleet, by kind',
    labels: { step: ['launched', 'resumed', 'drained', 'terminated', 'silenced'] },
  },
  labelfleet_boots_failed_total: {
    type: 'counter',
    help: 'Instances that ended or fell silent before they completed an image or were up for 90 s',
    labels: { cause: ANY },
  },
  labelfleet_dead_letters_total: {
    type: 'counter',
    help: 'Dead letters received, by outcome',
    labels: { outcome: [...VERDICTS, 'malformed', 'not-understood', 'failed'] },
  },
  labelfleet_requests_swept_total: {
    type: 'counter',
    help: 'Requests found without result and message, by outcome',
    labels: { outcome: [...VERDICTS, 'image-gone', 'failed'] },
  },
  labelfleet_reply_queues_swept_total: {
    type: 'counter',
    help: 'Reply queues of dead gateways, by outcome',
    labels: { outcome: ['deleted', 'failed'] },
  },
  labelfleet_tick_seconds: {
    type: 'histogram',
    help: 'Duration of a tick in seconds',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  },
  labelfleet_troubles_total: {
    type: 'counter',
    help: 'Failed calls to AWS, by call and kind',
    labels: { call: ANY, kind: ANY },
  },
  labelfleet_tick_faults_total: {
    type: 'counter',
    help: 'Ticks that failed with an unexpected error',
  },
  labelfleet_malformed_events_total: { type: 'counter', help: 'Malformed fleet events' },
  labelfleet_cost_usd: {
    type: 'gauge',
    help: 'Cost of the fleet since counting began, in USD',
    labels: { part: ['instances', 'queue', 'store'] },
  },
  labelfleet_cost_per_image_usd: {
    type: 'gauge',
    help: 'Cost of an image over the last hour, idle time included, in USD',
  },
  labelfleet_cost_per_hour_usd: {
    type: 'gauge',
    help: 'Cost of an hour of the running instances, in USD',
  },
} as const satisfies MetricDefinitions;
