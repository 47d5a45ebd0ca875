import { openBench } from './bench.ts';

/**
 * A worker is killed right before it stores its result; another is there to take over.
 * @returns what broke
 */
export async function killedBeforeStore(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const store = await bench.hold('store', worker, 'before', 'PutObject', { bucket: 'output' });
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
