import { logOutput } from '@labelfleet/runtime';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FleetView } from './routes/fleet-view.ts';

/** Seconds, from a call within one machine to the longest wait. */
const CALL_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WAIT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** What is read when the metrics are, and not counted on the way. */
interface Levels {
  inflightUploadBytes(): number;
  waiters(): number;
  fleet: Pick<FleetView, 'published'>;
}

/** What the gateway counts and times. */
export function createMetrics(levels: Levels) {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, level: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(level());
      },
    });
  gauge('labelfleet_upload_bytes_in_flight', 'Bytes that uploads hold', () =>
    levels.inflightUploadBytes(),
  );
  gauge('labelfleet_waiters', 'Callers who wait for a result', () => levels.waiters());
  gauge(
    'labelfleet_log_lines_lost',
    'Log lines that could not be written since the start',
    () => logOutput.lostLines,
  );
  new Gauge({
    name: 'labelfleet_fleet_snapshot_stale',
    help: '1: the last fleet snapshot is too old to say anything of now; NaN: there is none to be read',
    registers,
    async collect() {
      const stale = await levels.fleet.published().then(
        (fleet) => (fleet === undefined ? NaN : Number(fleet.stale)),
        () => NaN,
      );
      this.set(stale);
    },
  });
  return {
    registry,
    uploads: new Counter({
      name: 'labelfleet_uploads_total',
      help: 'Images sent, by outcome: accepted, replayed, broken-off, or the code of the problem',
      labelNames: ['outcome'],
      registers,
    }),
    unreadableRequests: new Counter({
      name: 'labelfleet_unreadable_requests_total',
      help: 'Requests refused because they cannot be read as HTTP, by the status they were answered with',
      labelNames: ['status'],
      registers,
    }),
    waits: new Histogram({
      name: 'labelfleet_wait_seconds',
      help: 'From acceptance to the end of the wait, by how it ended',
      labelNames: ['ended'],
      buckets: WAIT_BUCKETS,
      registers,
    }),
    replies: new Counter({
      name: 'labelfleet_replies_total',
      help: 'Replies received: settled (somebody waited), unknown (nobody did), malformed',
      labelNames: ['kind'],
      registers,
    }),
    replyQueuesReplaced: new Counter({
      name: 'labelfleet_reply_queues_replaced_total',
      help: 'Reply queues made in the place of one that was gone',
      registers,
    }),
    foundInStore: new Counter({
      name: 'labelfleet_results_found_in_store_total',
      help: 'Waits settled by a look into the store because no reply had come',
      registers,
    }),
    idempotencyKeys: new Counter({
      name: 'labelfleet_idempotency_keys_total',
      help: 'Idempotency keys that came, by what they stood for: nothing, under-way, settled, another-image',
      labelNames: ['stood_for'],
      registers,
    }),
    storeSeconds: new Histogram({
      name: 'labelfleet_image_store_seconds',
      help: 'Time to put an image into the input bucket',
      labelNames: ['outcome'],
      buckets: CALL_BUCKETS,
      registers,
    }),
    sendSeconds: new Histogram({
      name: 'labelfleet_request_send_seconds',
      help: 'Time until the request queue acknowledged a message',
      labelNames: ['outcome'],
      buckets: CALL_BUCKETS,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
