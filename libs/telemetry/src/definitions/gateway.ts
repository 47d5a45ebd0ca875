import { ANY, CALL_BUCKETS, WAIT_BUCKETS, type MetricDefinitions } from '../metric-definition.ts';

const OUTCOMES = ['done', 'failed'] as const;

export const GATEWAY_METRICS = {
  labelfleet_http_requests_seconds: {
    type: 'histogram',
    help: 'Seconds from the headers of a request to the end of its response, by route (none: no such address) and status (499: the client disconnected first)',
    labels: { route: ANY, status: ANY },
    buckets: [0.005, 0.02, ...WAIT_BUCKETS],
  },
  labelfleet_build_info: {
    type: 'gauge',
    help: '1, with the version of the gateway',
    labels: { version: ANY },
  },
  labelfleet_uploads_total: {
    type: 'counter',
    help: 'Uploads by outcome: accepted, replayed, disconnected, or the code of the problem',
    labels: { outcome: ANY },
  },
  labelfleet_unreadable_requests_total: {
    type: 'counter',
    help: 'Requests that could not be parsed as HTTP, by the status of the response',
    labels: { status: ANY },
  },
  labelfleet_upload_bytes_in_flight: {
    type: 'gauge',
    help: 'Bytes of memory that uploads hold',
  },
  labelfleet_upload_bytes_limit: {
    type: 'gauge',
    help: 'Bytes of memory that uploads may hold: MAX_INFLIGHT_UPLOAD_BYTES',
  },
  labelfleet_waiters: { type: 'gauge', help: 'Callers waiting for a result' },
  labelfleet_wait_seconds: {
    type: 'histogram',
    help: 'Seconds from acceptance to the end of the wait, by how the wait ended',
    labels: { ended: ['completed', 'timed-out', 'deadline', 'disconnected', 'stopping'] },
    buckets: WAIT_BUCKETS,
  },
  labelfleet_replies_total: {
    type: 'counter',
    help: 'Replies received: completed (a caller was waiting), unknown (no caller was waiting), malformed',
    labels: { kind: ['completed', 'unknown', 'malformed'] },
  },
  labelfleet_reply_queues_replaced_total: {
    type: 'counter',
    help: 'Reply queues created because the previous one was deleted',
  },
  labelfleet_results_found_in_store_total: {
    type: 'counter',
    help: 'Waits completed by a result found in the store because no reply had arrived',
  },
  labelfleet_idempotency_keys_total: {
    type: 'counter',
    help: 'Requests with an Idempotency-Key: new, under-way or completed (repeats of an earlier request), another-image (refused)',
    labels: { outcome: ['new', 'under-way', 'completed', 'another-image'] },
  },
  labelfleet_webhooks_total: {
    type: 'counter',
    help: 'Webhook messages by receiver and outcome: delivered, failed (tried again later), dead-lettered, held (the receiver is busy), not-yet (its batch is not completed), repeated, malformed',
    labels: { receiver: ANY, outcome: ANY },
  },
  labelfleet_image_store_seconds: {
    type: 'histogram',
    help: 'Seconds to put an image into the input bucket',
    labels: { outcome: OUTCOMES },
    buckets: CALL_BUCKETS,
  },
  labelfleet_request_send_seconds: {
    type: 'histogram',
    help: 'Seconds until the request queue acknowledged a message',
    labels: { outcome: OUTCOMES },
    buckets: CALL_BUCKETS,
  },
  labelfleet_fleet_snapshot_stale: {
    type: 'gauge',
    help: '1 if the last fleet snapshot is stale, 0 if it is current, NaN if there is none or it cannot be read',
  },
} as const satisfies MetricDefinitions;
