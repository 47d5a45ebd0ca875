import { resultInShort, type StoredResult } from '@labelfleet/contracts';
import { openBench } from './bench.ts';

/**
 * While a worker is about to store its result, removes the image and sends the request again, so that another worker
 * finds the image missing.
 * @returns the broken rule
 */
export async function twoResults(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const store = await bench.hold('store', worker, 'before', 'PutObject', {
    bucket: 'labelfleet-output',
  });
  const request = await bench.submit();
  await store.reached();
  await bench.removeImage(request);
  await bench.launchWorker();
  await bench.sendAgain(request);
  const [first] = await bench.replies(1);
  await store.release();
  const [second] = await bench.replies(1);
  const stands = await bench.stored(request);
  const said = [first, second, stands].map(summary);
  return new Set(said).size > 1
    ? `two different answers: ${said[0]} and ${said[1]}; ${said[2]} stands`
    : undefined;
}

function summary(result: StoredResult | undefined): string {
  return result === undefined ? 'nothing' : resultInShort(result);
}
