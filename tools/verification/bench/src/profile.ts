import { setTimeout as delay } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { runBareLoop } from './bare-loop.ts';
import { startLoad } from './load.ts';
import type { BenchOptions } from './options.ts';
import { ownDescendants, type Role } from './processes.ts';
import { startProduct } from './servers.ts';
import type { Workload } from './workloads.ts';

/** Where Node's inspector listens after SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229/json';
const INSPECTOR_STARTS_MS = 1000;
const SAMPLE_EVERY_US = 500;
const WARM_UP_MS = 5000;
const SHOWN = 30;

const profileSchema = z.looseObject({
  nodes: z.array(
    z.looseObject({
      id: z.int(),
      callFrame: z.looseObject({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.int(),
        columnNumber: z.int(),
      }),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof profileSchema>;

/** Profiles one process of the product under load. @returns the profile as JSON, and the lines of two tables */
export async function profileProduct(role: Role, options: BenchOptions, workload: Workload) {
  const { files, modelDir } = workload;
  const once = { files, modelDir, warmUpMs: 0, measureMs: 0 };
  const { labels: expected } = await runBareLoop(1, once);
  await using stack = await startProduct({ workers: options.workers[0] ?? 1, modelDir });
  const load = await startLoad({ url: stack.url, files, clients: options.clients, expected });
  try {
    await Promise.race([delay(WARM_UP_MS), load.ended]);
    const profiled = (await ownDescendants()).find((one) => one.role === role);
    if (profiled === undefined) throw new Error(`No process is a ${role}.`);
    const profile = profileSchema.parse(await takeProfile(profiled.pid, options.seconds * 1000));
    const maps = await readSourceMaps(profile);
    return { cpuProfile: JSON.stringify(profile), lines: selfTimes(profile, maps) };
  } finally {
    await load.stop();
  }
}

/** Takes a CPU profile by the DevTools protocol. */
async function takeProfile(pid: number, ms: number): Promise<unknown> {
  process.kill(pid, 'SIGUSR1');
  await delay(INSPECTOR_STARTS_MS);
  const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
  const [target] = targets.parse(await (await fetch(INSPECTOR)).json());
  if (target === undefined) throw new Error(`${INSPECTOR} lists no process.`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`${target.webSocketDebuggerUrl} cannot be reached.`));
  });
  let lastId = 0;
  const call = (method: string, params: object = {}): Promise<unknown> => {
    const id = ++lastId;
    return new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id === id) resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  const { result } = (await call('Runtime.evaluate', { expression: 'process.pid' })) as {
    result: { value: unknown };
  };
  if (result.value !== pid)
    throw new Error(`Port 9229 belongs to process ${String(result.value)}. End its inspector.`);
  await call('Profiler.enable');
  await call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await call('Profiler.start');
  await delay(ms);
  const { profile } = (await call('Profiler.stop')) as { profile: unknown };
  socket.close();
  return profile;
}

/** The source maps of the bundles in a profile, by URL. */
async function readSourceMaps({ nodes }: CpuProfile): Promise<Map<string, SourceMap>> {
  const urls = new Set(nodes.map(({ callFrame }) => callFrame.url));
  const maps = new Map<string, SourceMap>();
  for (const url of urls) {
    if (!url.startsWith('file:')) continue;
    const text = await readFile(`${fileURLToPath(url)}.map`, 'utf8').catch(() => undefined);
    if (text !== undefined) maps.set(url, new SourceMap(JSON.parse(text) as SourceMapPayload));
  }
  return maps;
}

/** Formats the self times by package and by function, without the time in which the thread had nothing to do. */
export function selfTimes(
  { nodes, samples, timeDeltas }: CpuProfile,
  maps: ReadonlyMap<string, SourceMap>,
): string[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const us = timeDeltas[index] ?? 0;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const { functionName, url, lineNumber, columnNumber } = frame;
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
    const mapped = entry !== undefined && 'originalSource' in entry ? entry : undefined;
    const source = mapped?.originalSource ?? url;
    const line = (mapped?.originalLine ?? lineNumber) + 1;
    const file = source.split('/').slice(-2).join('/');
    add(packages, packageOf(source) || nativeName(functionName), us);
    add(
      functions,
      `${functionName || '(anonymous)'} ${source === '' ? '' : `${file}:${line}`}`,
      us,
    );
    total += us;
  }
  const top = (times: Map<string, number>) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([name, us]) => `${((100 * us) / total).toFixed(1).padStart(6)} %  ${name}`);
  const busy = `${(total / 1e6).toFixed(2)} s of CPU on the main thread`;
  return [busy, '', 'By package:', ...top(packages), '', 'By function:', ...top(functions)];
}

/** V8 names its own work in brackets; every other function without a source is native. */
const nativeName = (functionName: string) =>
  functionName.startsWith('(') ? functionName : '(native)';

/** The npm package, the project or the Node module of a source file. */
export function packageOf(source: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  return inPackage ?? /((?:apps|libs|tools)\/[^/]+)/.exec(source)?.[1] ?? source;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}
