import { cpuMsOf } from './server-cpu.ts';

export interface Measured {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Of the server, per request. */
  readonly cpuMs: number;
}

/**
 * Runs a call over and over from some lanes at a time, first to warm up, then for the figures.
 * @param call its lane is the same for all its calls, one after the other
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
  const cpuBeforeMs = cpuMsOf(pid);
  const startedMs = performance.now();
  await run(requests);
  const elapsedMs = performance.now() - startedMs;
  return {
    name,
    requestsPerSecond: (requests / elapsedMs) * 1000,
    cpuMs: (cpuMsOf(pid) - cpuBeforeMs) / requests,
  };
}
