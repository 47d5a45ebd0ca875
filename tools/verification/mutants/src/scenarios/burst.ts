import { openBench } from './bench.ts';

const REQUESTS = 24;

/**
 * Lets a worker complete requests that arrive together, so that it receives ahead and its calls share batches.
 * @returns the broken rule
 */
export async function burst(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  await bench.launchWorker();
  await Promise.all(Array.from({ length: REQUESTS }, () => bench.submit()));
  if (!(await bench.isNothingLeftWithin(20_000))) return 'requests are received and never deleted';
  const replied = (await bench.repliedIds()).size;
  return replied === REQUESTS ? undefined : `${REQUESTS - replied} requests have no reply`;
}
