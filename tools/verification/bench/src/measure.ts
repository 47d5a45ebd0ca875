import { setTimeout as delay } from 'node:timers/promises';
import { countCalls } from './calls.ts';
import { latencyFigures, sum, type Figures } from './figures.ts';
import { NOT_COUNTED, ownDescendants, ROLES, type ProcessUsage } from './processes.ts';
import type { System } from './systems.ts';

/** Until then, V8 has not optimised what runs for every image: the gateway and the worker take 1.5 times as much CPU. */
const WARM_UP = { images: 1_500, mostMs: 30_000 };
const COUNT_CALLS_MS = 3000;

/**
 * Measures a system, whose processes are descendants of this one, while it classifies all the time.
 * @param labels the label of each image by its path, as far as it is known; takes those that are not
 * @throws Error if an image has another label than before
 */
export async function measure(
  system: System,
  clients: number,
  measureMs: number,
  labels: Map<string, string>,
): Promise<Figures> {
  const wrong = Promise.withResolvers<never>();
  // It may be rejected while nothing waits for it.
  wrong.promise.catch(() => undefined);
  const answers: { atMs: number; latencyMs: number }[] = [];
  const running = await system.start(clients, ({ file, label, latencyMs }) => {
    const known = labels.get(file) ?? label;
    labels.set(file, known);
    if (known !== label) wrong.reject(new Error(`${file} is ${known}, but was labelled ${label}.`));
    answers.push({ atMs: performance.now(), latencyMs });
  });
  const during = <T>(work: Promise<T>) =>
    Promise.race([work, wrong.promise, running.ended.then(() => work)]);
  const snapshot = async () => ({ atMs: performance.now(), processes: await ownDescendants() });
  try {
    await during(warmUp(() => answers.length));
    const before = await snapshot();
    await during(delay(measureMs));
    const after = await snapshot();
    const measured = answers.filter(({ atMs }) => atMs > before.atMs && atMs <= after.atMs);
    const images = measured.length;
    const figures = {
      ...usageFigures(before.processes, after.processes, images),
      imagesPerSecond: (1000 * images) / (after.atMs - before.atMs),
      ...latencyFigures(measured.map(({ latencyMs }) => latencyMs)),
    };
    if (system.cloud === undefined || clients === 1) return figures;
    const answersBefore = answers.length;
    const calls = Object.entries(await during(countCalls(system.cloud, COUNT_CALLS_MS)));
    const answered = answers.length - answersBefore;
    return { ...figures, ...Object.fromEntries(calls.map(([name, n]) => [name, n / answered])) };
  } finally {
    await running.stop();
  }
}

/** @param answered how many images were classified since the system runs */
export async function warmUp(answered: () => number): Promise<void> {
  const endMs = performance.now() + WARM_UP.mostMs;
  while (answered() < WARM_UP.images && performance.now() < endMs) await delay(50);
}

/** CPU time for an image in all, which leaves out local-cloud, and by role; and the peak memory by role. */
export function usageFigures(
  before: readonly ProcessUsage[],
  after: readonly ProcessUsage[],
  images: number,
): Figures {
  const figures = { cpuMs: 0 };
  for (const role of ROLES) {
    const inRole = (processes: readonly ProcessUsage[]) =>
      processes.filter((one) => one.role === role);
    const cpuMs = (processes: readonly ProcessUsage[]) =>
      sum(inRole(processes).map((one) => one.cpuMs));
    if (inRole(after).length === 0) continue;
    const used = (cpuMs(after) - cpuMs(before)) / images;
    if (!NOT_COUNTED.has(role)) figures.cpuMs += used;
    const rssMb = Math.max(...inRole(after).map(({ peakRssMb }) => peakRssMb));
    Object.assign(figures, { [`cpuMs ${role}`]: used, [`rssMb ${role}`]: rssMb });
  }
  return figures;
}
