import { openBench } from './bench.ts';

/**
 * Holds a worker while it stores the result of a redelivery, and queues another request.
 * @returns the broken rule
 */
export async function redelivery(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const store = await bench.hold('store', worker, 'before', 'PutObject', {
    bucket: 'labelfleet-output',
  });
  await bench.submit({ resent: true });
  await store.reached();
  await bench.submit();
  // A worker that wants another request polls without a pause, so it would have received this one long ago.
  const isReceived = await bench.isAllReceivedWithin(2_000);
  await store.release();
  await bench.untilNothingIsLeft();
  return isReceived
    ? 'a redelivery is not alone: another request was received meanwhile'
    : undefined;
}
