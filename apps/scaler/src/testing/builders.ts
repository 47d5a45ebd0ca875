import type { FleetInstance, LaunchRequest } from '@labelfleet/aws/fleet';
import {
  imageKey,
  makeRequestId,
  WORKER_TAGS,
  type FleetEvent,
  type FleetMemory,
  type JobPage,
  type StoredJob,
  type RequestMessage,
} from '@labelfleet/contracts';
import { inherit } from '../memory/fleet-memory.ts';

/** The default time of tests. */
export const NOW = Date.UTC(2026, 0, 1);

export const anInstance = (
  instanceId: string,
  overrides: Partial<FleetInstance> = {},
): FleetInstance => ({
  instanceId,
  state: 'running',
  launchedAt: new Date(NOW - 60_000),
  instanceType: 'c7g.large',
  market: 'on-demand',
  subnetId: undefined,
  tags: {},
  ...overrides,
});

export const aLaunch = (clientToken: string, count: number): LaunchRequest => ({
  clientToken,
  count,
  launchTemplateId: 'lt-1',
  launchTemplateVersion: '3',
  market: 'on-demand',
  tags: { [WORKER_TAGS.launch]: clientToken },
});

/** The memory of a scaler that wrote its lease at this time, taken at once by one whose clock is the same. */
export const takenOver = (memory: FleetMemory, atMs: number): FleetMemory =>
  inherit(memory, { writtenAtMs: atMs, writtenAgoMs: 0, now: atMs });

type Heartbeat = Omit<Extract<FleetEvent, { type: 'heartbeat' }>, 'type'>;

/** A heartbeat of an idle worker; its type follows from the state, unless it is given. */
export function aHeartbeat(
  instanceId: string,
  overrides: Partial<Heartbeat> & { type?: 'started' | 'stopped' } = {},
): FleetEvent {
  const { type, ...rest } = overrides;
  const report: Heartbeat = {
    v: 1,
    instanceId,
    at: new Date(NOW).toISOString(),
    state: 'working',
    slots: 2,
    busySlots: 0,
    idleSeconds: 1,
    imagesCompleted: 0,
    busySeconds: 0,
    ...rest,
  };
  if (type === 'started') return { ...report, type, startedAt: rest.startedAt ?? report.at };
  if (type === 'stopped') return { ...report, type, reason: 'SIGTERM' };
  return { ...report, type: report.state === 'working' ? 'heartbeat' : report.state };
}

let jobs = 0;

/** A new job, later than the ones before. */
export function aStoredJob(overrides: Partial<StoredJob> = {}): StoredJob {
  jobs += 1;
  const id = makeRequestId(NOW + jobs, new Uint8Array(10));
  return {
    v: 1,
    id,
    createdAt: new Date(NOW).toISOString(),
    source: { kind: 'prefix', bucket: 'input', prefix: 'uploads/' },
    topK: 1,
    destination: { bucket: 'output', prefix: 'jobs/' },
    readable: [{ bucket: 'input', prefix: 'uploads/' }],
    ...overrides,
  };
}

/** A page of 1,000 images that is followed by another. */
export const aJobPage = (page: number, rest: Partial<JobPage> = {}): JobPage => ({
  v: 1,
  page,
  images: Array.from({ length: 1000 }, (_, index) => ({ key: `uploads/${page}-${index}.png` })),
  chunkImages: 100,
  next: { afterKey: `uploads/${page}-999.png` },
  listed: { images: 1000 * (page + 1), bytes: 0 },
  ...rest,
});

let requests = 0;

/** A new request. */
export function aRequest(overrides: Partial<RequestMessage> = {}): RequestMessage {
  requests += 1;
  const requestId = makeRequestId(
    NOW,
    Uint8Array.from({ length: 10 }, () => requests),
  );
  return {
    v: 1,
    requestId,
    imageKey: imageKey(requestId, 'cat.png'),
    topK: 5,
    submittedAt: new Date(NOW - 60_000).toISOString(),
    ...overrides,
  };
}
