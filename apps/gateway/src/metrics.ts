import { logOutput } from '@labelfleet/runtime';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FleetView } from './routes/fleet-view.ts';
import { VERSION } from './version.ts';

/** In seconds. */
const CALL_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WAIT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

const REQUEST_BUCKETS = [0.005, 0.02, ...WAIT_BUCKETS];

/** Levels that are read when the metrics are scraped. */
interface Levels {
  inflightUploadBytes(): number;
  waiters(): number;
  fleet: Pick<FleetView, 'published'>;
}

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
  gauge('labelfleet_upload_bytes_in_flight', 'Bytes of memory that uploads hold', () =>
    levels.inflightUploadBytes(),
  );
  gauge('labelfleet_waiters', 'Callers waiting for a result', () => levels.waiters());
  gauge(
    'labelfleet_log_lines_lost',
    'Log lines that could not be written since the process started',
    () => logOutput.lostLines,
  );
  new Gauge({
    name: 'labelfleet_fleet_snapshot_stale',
    help: '1 if the last fleet snapshot is stale, 0 if it is current, NaN if there is none or it cannot be read',
    registers,
    async collect() {
      const stale = await levels.fleet.published().then(
        (fleet) => (fleet === undefined ? NaN : Number(fleet.stale)),
        () => NaN,
      );
      this.set(stale);
    },
  });
  new Gauge({
    name: 'labelfleet_build_info',
    help: '1, with the version of the gateway',
    labelNames: ['version'],
    registers,
  }).set({ version: VERSION }, 1);
  return {
    registry,
    httpRequests: new Histogram({
      name: 'labelfleet_http_requests_seconds',
      help: 'Seconds from the headers of a request to the end of its response, by route (none: no such address) and status (499: the client disconnected first)',
      labelNames: ['route', 'status'],
      buckets: REQUEST_BUCKETS,
      registers,
    }),
    uploads: new Counter({
      name: 'labelfleet_uploads_total',
      help: 'Uploads by outcome: accepted, replayed, disconnected, or the code of the problem',
      labelNames: ['outcome'],
      registers,
    }),
    unreadableRequests: new Counter({
      name: 'labelfleet_unreadable_requests_total',
      help: 'Requests that could not be parsed as HTTP, by the status of the response',
      labelNames: ['status'],
      registers,
    }),
    waits: new Histogram({
      name: 'labelfleet_wait_seconds',
      help: 'Seconds from acceptance to the end of the wait, by how the wait ended: completed, timed-out, deadline, disconnected, stopping',
      labelNames: ['ended'],
      buckets: WAIT_BUCKETS,
      registers,
    }),
    replies: new Counter({
      name: 'labelfleet_replies_total',
      help: 'Replies received: completed (a caller was waiting), unknown (no caller was waiting), malformed',
      labelNames: ['kind'],
      registers,
    }),
    replyQueuesReplaced: new Counter({
      name: 'labelfleet_reply_queues_replaced_total',
      help: 'Reply queues created because the previous one was deleted',
      registers,
    }),
    foundInStore: new Counter({
      name: 'labelfleet_results_found_in_store_total',
      help: 'Waits completed by a result found in the store because no reply had arrived',
      registers,
    }),
    idempotencyKeys: new Counter({
      name: 'labelfleet_idempotency_keys_total',
      help: 'Requests with an Idempotency-Key: new, under-way or completed (repeats of an earlier request), another-image (refused)',
      labelNames: ['outcome'],
      registers,
    }),
    webhooks: new Counter({
      name: 'labelfleet_webhooks_total',
      help: 'Webhook messages by receiver and outcome: delivered, failed (tried again later), dead-lettered, held (the receiver is busy), not-yet (its batch is not completed), repeated, malformed',
      labelNames: ['receiver', 'outcome'],
      registers,
    }),
    storeSeconds: new Histogram({
      name: 'labelfleet_image_store_seconds',
      help: 'Seconds to put an image into the input bucket',
      labelNames: ['outcome'],
      buckets: CALL_BUCKETS,
      registers,
    }),
    sendSeconds: new Histogram({
      name: 'labelfleet_request_send_seconds',
      help: 'Seconds until the request queue acknowledged a message',
      labelNames: ['outcome'],
      buckets: CALL_BUCKETS,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
