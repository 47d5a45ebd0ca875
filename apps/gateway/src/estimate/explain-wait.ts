import type { FleetSnapshot } from '@labelfleet/contracts';
import { bootingSince } from './expect-starts.ts';

/** Says in plain words what a queued request waits for. @param now Unix milliseconds */
export function explainWait(snapshot: FleetSnapshot, ahead: number, now: number): string {
  const { idle, busy } = snapshot.workers;
  if (idle + busy === 0) return `No worker is up. ${explainBoot(snapshot, now)}`;
  const { serviceSeconds } = snapshot.learned;
  const pace =
    serviceSeconds === null
      ? 'no image was measured yet'
      : `${idle + busy === 1 ? '' : 'each '}taking ${inSeconds(serviceSeconds)} an image`;
  const images = ahead === 1 ? '1 image is' : `${ahead} images are`;
  return `${workersAre(idle + busy)} up, ${pace}; about ${images} ahead.`;
}

function explainBoot(snapshot: FleetSnapshot, now: number): string {
  const { learned, failedBoots } = snapshot;
  const { bootSecondsP50: p50, bootSecondsP95: p95 } = learned;
  const [launchedMs, ...others] = bootingSince(snapshot);
  if (failedBoots !== undefined && launchedMs === undefined) {
    const { count, nextLaunchAt } = failedBoots;
    const next = nextLaunchAt === null ? 0 : (Date.parse(nextLaunchAt) - now) / 1000;
    const failed = count === 1 ? 'The last boot failed' : `The last ${count} boots failed`;
    return `${failed}; the next launch is ${next > 0 ? `in ${inSeconds(next)}` : 'due'}.`;
  }
  if (launchedMs === undefined)
    return p50 === null ? 'One will be launched.' : `A boot takes about ${inSeconds(p50)}.`;
  const age = Math.max(0, now - launchedMs) / 1000;
  const starting = others.length === 0 ? 'One is starting' : `${others.length + 1} are starting`;
  if (p50 === null || p95 === null)
    return `${starting} (${inSeconds(age)} so far; no boot was measured yet).`;
  if (age > p95)
    return `${starting}, for ${inSeconds(age)}: longer than 95 % of boots (${inSeconds(p95)}).`;
  return age > p50
    ? `${starting} (${inSeconds(age)}; 95 % of boots take less than ${inSeconds(p95)}).`
    : `${starting} (${inSeconds(age)} of about ${Math.max(1, Math.round(p50))}).`;
}

const workersAre = (count: number) => (count === 1 ? '1 worker is' : `${count} workers are`);

/** Whole seconds, or two digits below one second. */
const inSeconds = (seconds: number): string =>
  `${seconds >= 1 || seconds === 0 ? Math.round(seconds) : Number(seconds.toPrecision(2))} s`;
