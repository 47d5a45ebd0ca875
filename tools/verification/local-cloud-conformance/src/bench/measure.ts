import { cpuMs } from '@labelfleet/testkit/cpu-time';

export interface Measured {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** CPU time of the server per request. */
  readonly cpuMs: number;
}

/**
 * Repeats a call in parallel lanes, first to warm up, then to measure.
 * @param call the calls of a lane run one after the other
 */
export async function measure(
  name: string,
  options: { pid: number; lanes: number; requests: number },
  call: (lane: number) => Promise<void>,
): Promise<Measured> {
  const { pid, lanes, requests } = options;
  const run = (count: number) =>
    Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let done = lane; done < count; done += lanes) await call(lane);
      }),
    );
  await run(Math.ceil(requests / 4));
  const cpuBeforeMs = await cpuMs(pid);
  const startedMs = performance.now();
  await run(requests);
  const elapsedMs = performance.now() - startedMs;
  return {
    name,
    requestsPerSecond: (requests / elapsedMs) * 1000,
    cpuMs: ((await cpuMs(pid)) - cpuBeforeMs) / requests,
  };
}
