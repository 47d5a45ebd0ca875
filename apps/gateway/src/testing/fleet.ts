import { encodeFleetSnapshot, FLEET_SNAPSHOT_KEY, type FleetSnapshot } from '@labelfleet/contracts';
import type { FakeGateway } from './gateway.ts';

/** Publishes a fleet snapshot as the scaler does. */
export const publishFleet = (
  gateway: Pick<FakeGateway, 'state'>,
  overrides: Partial<FleetSnapshot> = {},
) =>
  gateway.state.put(FLEET_SNAPSHOT_KEY, encodeFleetSnapshot({ ...SNAPSHOT, ...overrides }), {
    contentType: 'application/json',
  });

export const SNAPSHOT: FleetSnapshot = {
  v: 1,
  at: '2025-01-01T00:00:00Z',
  publishedEverySeconds: 10,
  policy: 'backlog-per-worker',
  workers: { booting: 1, idle: 0, busy: 2, draining: 0, suspected: 0 },
  limits: { min: 0, max: 20 },
  queue: { backlog: 22, inFlight: 6, delayed: 0 },
  decision: {
    at: '2025-01-01T00:00:00Z',
    desired: 6,
    launched: 1,
    drained: 0,
    reason: '22 wait',
  },
  estimatedWaitSeconds: 4,
  learned: { serviceSeconds: 0.21, bootSecondsP50: null, bootSecondsP95: null },
  instances: [],
  cost: {
    currency: 'USD',
    perHourNow: 0.145,
    perImage: 0.0000231,
    spotAtMost: false,
    since: '2025-01-01T00:00:00.000Z',
    images: 10,
    instanceSeconds: 60,
    total: 0.000231,
    parts: { instances: 0.0001, queue: 0.000027, store: 0.000104 },
    lastHour: {
      since: '2025-01-01T00:00:00.000Z',
      images: 10,
      instanceSeconds: 60,
      total: 0.000231,
      parts: { instances: 0.0001, queue: 0.000027, store: 0.000104 },
    },
  },
  history: [],
};
