import { makeMetrics, Registry, WORKER_METRICS } from '@labelfleet/telemetry';

/** Levels that are read when the metrics are scraped. */
interface Levels {
  slots: number;
  openRequests(): number;
  /** Images that wait for a classifier process. */
  classifierQueue(): number;
}

export function createMetrics(levels: Levels) {
  const registry = new Registry();
  const made = makeMetrics(registry, WORKER_METRICS, {
    labelfleet_slots: () => levels.slots,
    labelfleet_requests_open: () => levels.openRequests(),
    labelfleet_classifier_queue_images: () => levels.classifierQueue(),
  });
  return {
    registry,
    deliveries: made.labelfleet_deliveries_total,
    attempts: made.labelfleet_attempts_total,
    queueWait: made.labelfleet_queue_wait_seconds,
    steps: made.labelfleet_step_seconds,
    phases: made.labelfleet_classify_seconds,
    jobChunks: made.labelfleet_job_chunks_total,
    jobImages: made.labelfleet_job_images_total,
    processesReplaced: made.labelfleet_classifier_processes_replaced_total,
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
