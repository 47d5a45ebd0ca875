import { openBench } from './bench.ts';

/**
 * Kills a worker right before it stores its result, while another one can take over.
 * @returns the broken rule
 */
export async function killedBeforeStore(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const store = await bench.hold('store', worker, 'before', 'PutObject', {
    bucket: 'labelfleet-output',
  });
  const request = await bench.submit();
  await store.reached();
  await bench.killWorker(worker);
  await store.lost();
  await bench.launchWorker();
  await bench.untilNothingIsLeft();
  return (await bench.stored(request)) === undefined
    ? 'the request is lost: it is on no queue and has no result'
    : undefined;
}
