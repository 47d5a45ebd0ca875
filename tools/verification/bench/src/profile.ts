import { readFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { warmUp } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { ownDescendants, type Role } from './processes.ts';
import { openProduct } from './systems.ts';
import type { Workload } from './workloads.ts';

/** Where Node's inspector listens after SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229/json';
const INSPECTOR_STARTS_MS = 1000;
const SAMPLE_EVERY_US = 500;
const SHOWN = 30;

/** Takes a V8 CPU profile of one process of the product under load. */
export async function profileProduct(
  role: Role,
  { workers, clients, seconds }: BenchOptions,
  workload: Workload,
): Promise<Profiler.Profile> {
  await using product = await openProduct(workload, workers[0] ?? 1);
  let answered = 0;
  const running = await product.start(clients, () => void answered++);
  try {
    await Promise.race([warmUp(() => answered), running.ended]);
    const profiled = (await ownDescendants()).find((one) => one.role === role);
    if (profiled === undefined) throw new Error(`No process is a ${role}.`);
    return await takeProfile(profiled.pid, seconds * 1000);
  } finally {
    await running.stop();
  }
}

/** Takes a profile of a Node process by the DevTools protocol. */
async function takeProfile(pid: number, ms: number): Promise<Profiler.Profile> {
  process.kill(pid, 'SIGUSR1');
  await delay(INSPECTOR_STARTS_MS);
  const targets = (await (await fetch(INSPECTOR)).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  let lastId = 0;
  const call = <T>(method: string, params: object = {}): Promise<T> => {
    const id = ++lastId;
    return new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as { id?: number; result: T };
        if (message.id === id) resolve(message.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  const ofPid = { expression: 'process.pid' };
  const { result } = await call<{ result: { value: number } }>('Runtime.evaluate', ofPid);
  if (result.value !== pid)
    throw new Error(`Port 9229 belongs to process ${result.value}. End its inspector first.`);
  await call('Profiler.enable');
  await call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await call('Profiler.start');
  await delay(ms);
  const { profile } = await call<{ profile: Profiler.Profile }>('Profiler.stop');
  socket.close();
  return profile;
}

/** Reads the source maps of the bundles in a profile, by URL. */
export async function readSourceMaps({ nodes }: Profiler.Profile): Promise<Map<string, SourceMap>> {
  const maps = new Map<string, SourceMap>();
  for (const url of new Set(nodes.map(({ callFrame }) => callFrame.url))) {
    const file = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) maps.set(url, new SourceMap(JSON.parse(text) as SourceMapPayload));
  }
  return maps;
}

/** Formats the self times by package and by function, without the time in which the thread had nothing to do. */
export function selfTimes(
  { nodes, samples = [], timeDeltas = [] }: Omit<Profiler.Profile, 'startTime' | 'endTime'>,
  maps: ReadonlyMap<string, SourceMap>,
): string[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const busy = samples.flatMap((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') return [];
    return [{ us: timeDeltas[index] ?? 0, ...placeOf(frame, maps.get(frame.url)) }];
  });
  const totalUs = busy.reduce((total, { us }) => total + us, 0);
  const top = (by: 'inPackage' | 'inFunction') => {
    const times = new Map<string, number>();
    for (const { us, [by]: name } of busy) times.set(name, (times.get(name) ?? 0) + us);
    const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
    return sorted.map(
      ([name, us]) => `${((100 * us) / totalUs).toFixed(1).padStart(6)} %  ${name}`,
    );
  };
  const total = `${(totalUs / 1e6).toFixed(2)} s of CPU on the main thread`;
  return [total, '', 'By package:', ...top('inPackage'), '', 'By function:', ...top('inFunction')];
}

/** @param map the source map of the frame's bundle, if it has one */
function placeOf(frame: Profiler.Profile['nodes'][0]['callFrame'], map: SourceMap | undefined) {
  const entry = map?.findEntry(frame.lineNumber, frame.columnNumber);
  const isMapped = entry !== undefined && 'originalSource' in entry;
  const source = isMapped ? entry.originalSource : frame.url;
  const line = (isMapped ? entry.originalLine : frame.lineNumber) + 1;
  const name = frame.functionName || '(anonymous)';
  // V8 names its own work in brackets; every other function without a source is native.
  if (source === '')
    return { inPackage: frame.functionName.startsWith('(') ? name : '(native)', inFunction: name };
  const file = source.split('/').slice(-2).join('/');
  return { inPackage: packageOf(source), inFunction: `${name} ${file}:${line}` };
}

/** The npm package, the project or the Node module of a source file. */
export function packageOf(source: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  return inPackage ?? /((?:apps|libs|tools)\/[^/]+)/.exec(source)?.[1] ?? source;
}
