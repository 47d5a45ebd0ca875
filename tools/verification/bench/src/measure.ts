import { setTimeout as delay } from 'node:timers/promises';
import { latencyFigures, sum, type Figures } from './figures.ts';
import { startLoad, type Target } from './load.ts';
import { NOT_COUNTED, ownDescendants, ROLES } from './processes.ts';

export interface Timing {
  warmUpMs: number;
  measureMs: number;
}

/**
 * Puts a load on a server that is a descendant of this process, and measures it and all other descendants.
 * @param meanwhile runs under the same load after the measurement
 */
export async function measureUnderLoad(
  target: Target,
  { warmUpMs, measureMs }: Timing,
  meanwhile?: () => Promise<Figures>,
): Promise<Figures> {
  const load = await startLoad(target);
  const wait = (ms: number) => Promise.race([delay(ms), load.ended]);
  try {
    await wait(warmUpMs);
    const before = { atMs: performance.now(), processes: await ownDescendants() };
    await wait(measureMs);
    const after = { atMs: performance.now(), processes: await ownDescendants() };
    const inWindow = load.answers.filter(
      ({ endedAtMs }) => endedAtMs > before.atMs && endedAtMs <= after.atMs,
    );
    const images = inWindow.length;
    const latencies = inWindow.filter((one) => one.endedAtMs - one.latencyMs >= before.atMs);
    const figures: Figures & { cpuMs: number } = { cpuMs: 0 };
    for (const role of ROLES) {
      const running = after.processes.filter((one) => one.role === role);
      const started = before.processes.filter((one) => one.role === role);
      if (running.length === 0) continue;
      const [cpuBefore = 0, cpuAfter = 0] = [started, running].map((processes) =>
        sum(processes.map(({ cpuMs }) => cpuMs)),
      );
      const cpuMs = (cpuAfter - cpuBefore) / images;
      figures[`cpuMs ${role}`] = cpuMs;
      figures[`rssMb ${role}`] = Math.max(...running.map(({ peakRssMb }) => peakRssMb));
      if (!NOT_COUNTED.has(role)) figures.cpuMs += cpuMs;
    }
    figures['imagesPerSecond'] = (1000 * images) / (after.atMs - before.atMs);
    Object.assign(figures, latencyFigures(latencies.map(({ latencyMs }) => latencyMs)));
    const answersBefore = load.answers.length;
    const calls = (await meanwhile?.()) ?? {};
    const imagesMeanwhile = load.answers.length - answersBefore;
    for (const [name, count] of Object.entries(calls)) figures[name] = count / imagesMeanwhile;
    return figures;
  } finally {
    await load.stop();
  }
}
