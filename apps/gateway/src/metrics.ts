import { GATEWAY_METRICS, makeMetrics, Registry } from '@labelfleet/telemetry';
import type { FleetView } from './routes/fleet-view.ts';
import { VERSION } from './version.ts';

/** Levels that are read when the metrics are scraped. */
interface Levels {
  inflightUploadBytes(): number;
  maxUploadBytes: number;
  waiters(): number;
  fleet: Pick<FleetView, 'published'>;
}

export function createMetrics(levels: Levels) {
  const registry = new Registry();
  const made = makeMetrics(registry, GATEWAY_METRICS, {
    labelfleet_upload_bytes_in_flight: () => levels.inflightUploadBytes(),
    labelfleet_upload_bytes_limit: () => levels.maxUploadBytes,
    labelfleet_waiters: () => levels.waiters(),
    labelfleet_fleet_snapshot_stale: () =>
      levels.fleet.published().then(
        (fleet) => (fleet === undefined ? NaN : Number(fleet.stale)),
        () => NaN,
      ),
  });
  made.labelfleet_build_info.set({ version: VERSION }, 1);
  return {
    registry,
    httpRequests: made.labelfleet_http_requests_seconds,
    uploads: made.labelfleet_uploads_total,
    unreadableRequests: made.labelfleet_unreadable_requests_total,
    waits: made.labelfleet_wait_seconds,
    replies: made.labelfleet_replies_total,
    replyQueuesReplaced: made.labelfleet_reply_queues_replaced_total,
    foundInStore: made.labelfleet_results_found_in_store_total,
    idempotencyKeys: made.labelfleet_idempotency_keys_total,
    webhooks: made.labelfleet_webhooks_total,
    storeSeconds: made.labelfleet_image_store_seconds,
    sendSeconds: made.labelfleet_request_send_seconds,
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
