import { connectSqs } from '@labelfleet/aws/queue';
import {
  encodeFleetEvent,
  isNewer,
  newestInstruction,
  WORKER_TAGS,
  type FleetEvent,
  type WorkerState,
} from '@labelfleet/contracts';
import { systemClock } from '@labelfleet/runtime';

/**
 * The part of a worker that a scaler sees: it deletes messages from the request queue, follows the instructions in
 * its tags and sends heartbeats. local-cloud starts it as the process of an instance.
 */
const { AWS_EC2_METADATA_SERVICE_ENDPOINT, REQUEST_QUEUE_URL, FLEET_EVENT_QUEUE_URL } = process.env;
const WORK_MS = 100;
const HEARTBEAT_EVERY_MS = 100;

const token = await metadata('api/token', {
  method: 'PUT',
  headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' },
});
const instanceId = await read('meta-data/instance-id');
const sqs = connectSqs({ region: 'us-east-1' });
const requests = sqs.queue(REQUEST_QUEUE_URL ?? '');
const events = sqs.queue(FLEET_EVENT_QUEUE_URL ?? '');

const startedAt = new Date().toISOString();
let state: WorkerState = 'working';
let instructionId: string | undefined;
let busySlots = 0;
let imagesCompleted = 0;
let busySeconds = 0;
let idleSinceMs: number | undefined;

await sendHeartbeat('started');
await Promise.all([work(), reportAndFollow()]);

async function work(): Promise<never> {
  for (;;) {
    if (state !== 'working') {
      state = 'drained';
      await systemClock.sleep(20);
      continue;
    }
    const [message] = await requests.receive({
      maxMessages: 1,
      waitSeconds: 1,
      // Longer than any test: an image that its worker does not finish is never completed.
      visibilityTimeoutSeconds: 600,
    });
    if (message === undefined) {
      idleSinceMs ??= systemClock.monotonicMs();
      continue;
    }
    idleSinceMs = undefined;
    busySlots = 1;
    await systemClock.sleep(WORK_MS);
    await requests.ack(message.receipt);
    busySlots = 0;
    imagesCompleted += 1;
    busySeconds += WORK_MS / 1000;
  }
}

async function reportAndFollow(): Promise<never> {
  for (;;) {
    await followInstruction();
    await sendHeartbeat(state === 'working' ? 'heartbeat' : state);
    await systemClock.sleep(HEARTBEAT_EVERY_MS);
  }
}

async function followInstruction(): Promise<void> {
  const keys = (await read('meta-data/tags/instance')).split('\n');
  const tags: Record<string, string> = {};
  for (const key of [WORKER_TAGS.drain, WORKER_TAGS.resume].filter((key) => keys.includes(key))) {
    tags[key] = await read(`meta-data/tags/instance/${key}`);
  }
  const instruction = newestInstruction(tags);
  if (instruction === undefined || !isNewer(instruction, instructionId)) return;
  instructionId = instruction.id;
  state = instruction.kind === 'drain' ? 'draining' : 'working';
}

async function sendHeartbeat(type: Exclude<FleetEvent['type'], 'stopped'>): Promise<void> {
  const idleSeconds =
    idleSinceMs === undefined ? 0 : (systemClock.monotonicMs() - idleSinceMs) / 1000;
  const event = {
    v: 1 as const,
    instanceId,
    at: new Date().toISOString(),
    startedAt,
    state,
    ...(instructionId === undefined ? {} : { instructionId }),
    slots: 1,
    busySlots,
    idleSeconds,
    imagesCompleted,
    busySeconds,
  };
  await events.send({ body: encodeFleetEvent({ ...event, type }) });
}

async function read(path: string): Promise<string> {
  return metadata(path, { headers: { 'X-aws-ec2-metadata-token': token } });
}

async function metadata(path: string, init: RequestInit): Promise<string> {
  const response = await fetch(`${AWS_EC2_METADATA_SERVICE_ENDPOINT}/latest/${path}`, init);
  if (!response.ok) throw new Error(`metadata ${path}: ${response.status}`);
  return response.text();
}
