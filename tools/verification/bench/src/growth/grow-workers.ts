import { simulateFixedFleet } from '@labelfleet/fleet-sim/fixed-fleet';

const WORKERS = [1, 2, 4, 8];
/** Arrivals as shares of what the workers can classify. */
const LOADS = [0.1, 0.5, 0.9, 1.2];
const SECONDS = 600;

/** A photo with the embedded model and one thread, as the bare loop measured it. */
const SERVICE_MS = 10.7;
/** A call to SQS or S3 */
const CALL_MS = 10;
/** A worker receives a message, stores the result and sends the reply. */
const OVERHEAD_MS = 3 * CALL_MS;
/** A worker receives more while it has fewer images: apps/worker/src/receive/slots.ts with one thread. */
const SLOTS = 1 + Math.ceil(50 / SERVICE_MS);

/** Simulates images a second, and computes SQS calls from the rules of batching. */
export function growWorkers(onRow: (row: readonly string[]) => void): void {
  onRow(['workers', 'load', 'images a second', 'wait in queues, ms', 'SQS calls an image']);
  for (const workers of WORKERS) {
    for (const load of LOADS) {
      const offered = (load * workers * 1000) / SERVICE_MS;
      const { imagesPerSecond, meanWaitSeconds } = simulateFixedFleet(
        {
          workers,
          slots: SLOTS,
          serviceSeconds: SERVICE_MS / 1000,
          overheadSeconds: OVERHEAD_MS / 1000,
        },
        offered,
        SECONDS,
      );
      const waitMs = Math.max(0, 1000 * meanWaitSeconds - SERVICE_MS - OVERHEAD_MS);
      onRow([
        String(workers),
        `${100 * load} %`,
        imagesPerSecond.toFixed(0),
        load > 1 ? 'grows' : waitMs.toFixed(0),
        callsAnImage(imagesPerSecond / 1000, workers, waitMs).toFixed(2),
      ]);
    }
  }
}

/**
 * The mean SQS calls of an image by the rules of libs/aws/src/queue/batcher.ts and linger.ts.
 * @param rate images in a millisecond
 * @param waitMs how long an image waits in the queue and in its worker
 */
export function callsAnImage(rate: number, workers: number, waitMs: number): number {
  const ofWorker = rate / workers;
  const inWorkerMs = Math.min(waitMs, (SLOTS - 1) * SERVICE_MS);
  const visible = (rate * (waitMs - inWorkerMs)) / workers;
  const [lingerMs, workerLingerMs] = [lingerOf(waitMs), lingerOf(inWorkerMs)];
  const batches = [
    // The gateway sends the request, and the worker receives and later deletes it.
    batchOf(rate, lingerMs),
    inBatch(visible),
    batchOf(ofWorker, DELETE_LINGER_MS),
    // The worker sends the reply, and the gateway receives and later deletes it.
    batchOf(ofWorker, workerLingerMs),
    inBatch(rate * (CALL_MS + lingerMs)),
    batchOf(rate, DELETE_LINGER_MS),
  ];
  return batches.reduce((calls, size) => calls + 1 / size, 0);
}

/** How long gateway and worker collect deletions. */
const DELETE_LINGER_MS = 250;

/** A call waits for a quarter of the wait, at least 1 ms and at most 50 ms. */
const lingerOf = (waitMs: number) => (waitMs < 4 ? 0 : Math.min(waitMs / 4, 50));

const inBatch = (messages: number) => Math.min(10, Math.max(1, messages));

/** The first message waits for others, or for a call in flight. */
const batchOf = (rate: number, lingerMs: number) =>
  inBatch(Math.max(1 + rate * lingerMs, rate * CALL_MS));
