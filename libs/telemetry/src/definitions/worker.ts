import { CALL_BUCKETS, WAIT_BUCKETS, type MetricDefinitions } from '../metric-definition.ts';

/** The steps of a delivery, in their usual order. */
export const STEPS = [
  'wait-for-slot',
  'find-result',
  'read-attempts',
  'fetch',
  'wait-for-classifier',
  'record-attempt',
  'classify',
  'withdraw-attempt',
  'store',
  'reply',
  'notify',
  'delete',
] as const;

export type Step = (typeof STEPS)[number];

export const WORKER_METRICS = {
  labelfleet_deliveries_total: {
    type: 'counter',
    help: 'Messages received, by what became of them: completed, released (visible again), lapsed (another worker may have it), discarded (no request)',
    labels: { outcome: ['completed', 'released', 'lapsed', 'discarded'] },
  },
  labelfleet_attempts_total: {
    type: 'counter',
    help: 'Attempts by outcome: classified, bad-image (the caller gets an error), failed (the model or its process; tried again)',
    labels: { outcome: ['classified', 'bad-image', 'failed'] },
  },
  labelfleet_queue_wait_seconds: {
    type: 'histogram',
    help: 'Seconds from the submission of a request to its delivery to this worker',
    buckets: WAIT_BUCKETS,
  },
  labelfleet_step_seconds: {
    type: 'histogram',
    help: 'Seconds of a step of a delivery, with the repeats of a failing call',
    labels: { step: STEPS },
    buckets: CALL_BUCKETS,
  },
  labelfleet_classify_seconds: {
    type: 'histogram',
    help: 'Seconds of a classifier process on an image, by phase',
    labels: { phase: ['decode', 'infer'] },
    buckets: [0.002, ...CALL_BUCKETS],
  },
  labelfleet_job_chunks_total: {
    type: 'counter',
    help: 'Deliveries of chunks of jobs, by what became of them: stored (their part), found (it was stored before), skipped (the job was stopped), released (visible again), lapsed (another worker may have it), discarded (there is no such chunk)',
    labels: { outcome: ['stored', 'found', 'skipped', 'released', 'lapsed', 'discarded'] },
  },
  labelfleet_job_images_total: {
    type: 'counter',
    help: 'Images in the parts that this worker stored: succeeded, failed, skipped (the job was stopped)',
    labels: { outcome: ['succeeded', 'failed', 'skipped'] },
  },
  labelfleet_slots: { type: 'gauge', help: 'Requests that this worker works on at once' },
  labelfleet_requests_open: {
    type: 'gauge',
    help: 'Requests that this worker has received and not completed; those beyond its slots were received ahead',
  },
  labelfleet_classifier_queue_images: {
    type: 'gauge',
    help: 'Images in memory that wait for a classifier process',
  },
  labelfleet_classifier_processes_replaced_total: {
    type: 'counter',
    help: 'Classifier processes that ended or were killed, and failed starts of new ones',
  },
} as const satisfies MetricDefinitions;
