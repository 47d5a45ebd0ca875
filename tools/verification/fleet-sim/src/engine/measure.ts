import { HOUR_SECONDS, imagesByWindow } from '../images-by-window.ts';
import { mean, nearestRank } from '../statistics.ts';
import type { RunResult, Sample, Workload } from '../types.ts';
import type { Worker } from './worker.ts';

/** The largest number of points of a series. */
const POINTS = 480;

/** The measurements of a run. */
export class Measure {
  answered = 0;
  launches = 0;
  peak = 0;
  /** Workers that the policy ended while they had images. */
  interrupted = 0;
  readonly series: Sample[] = [];
  readonly #waits: Float64Array;
  readonly #workload: Workload;
  readonly #sampleEvery: number;

  constructor(workload: Workload) {
    this.#workload = workload;
    this.#waits = new Float64Array(workload.arrivals.length).fill(-1);
    this.#sampleEvery = Math.max(1, Math.ceil(workload.durationSeconds / POINTS));
  }

  get images(): number {
    return this.#waits.length;
  }

  get allAnswered(): boolean {
    return this.answered === this.images;
  }

  /** @throws Error if the image is already answered, which is a fault of the simulator */
  answer(image: number, now: number): void {
    if ((this.#waits[image] ?? 0) >= 0) throw new Error(`image ${image} is answered twice`);
    this.#waits[image] = now - (this.#workload.arrivals[image] ?? 0);
    this.answered++;
  }

  /** Call it every second. */
  sample(second: number, living: readonly Worker[], arrived: number): void {
    if (second % this.#sampleEvery !== 0 || second > this.#workload.durationSeconds) return;
    this.series.push({
      atSeconds: second,
      fleet: living.length,
      booting: living.filter(({ state }) => state === 'booting').length,
      backlog: arrived - this.answered,
    });
  }

  /** Images without an answer count as waiting until the end, and as not within the target. */
  waits(
    endedAt: number,
    targetSeconds: number,
  ): Pick<RunResult, 'waits' | 'hourlyP95' | 'withinTarget'> {
    const { arrivals } = this.#workload;
    const waits = this.#waits.map((wait, image) =>
      wait < 0 ? endedAt - (arrivals[image] ?? 0) : wait,
    );
    let within = 0;
    for (const wait of this.#waits) if (wait >= 0 && wait <= targetSeconds) within++;
    const hourlyP95 = imagesByWindow(arrivals, HOUR_SECONDS).map(({ first, end }) =>
      first === end ? null : nearestRank(waits.slice(first, end).sort(), 0.95),
    );
    const sorted = waits.sort();
    const images = sorted.length;
    return {
      waits: {
        mean: mean(sorted),
        p50: nearestRank(sorted, 0.5),
        p95: nearestRank(sorted, 0.95),
        p99: nearestRank(sorted, 0.99),
      },
      hourlyP95,
      withinTarget: images === 0 ? 1 : within / images,
    };
  }
}

/** @param endedAt the end of the run, until which running instances are billed */
export function bill(
  workers: readonly Worker[],
  minimumSeconds: number,
  endedAt: number,
): { instanceSeconds: number; billedSeconds: number } {
  let instanceSeconds = 0;
  let billedSeconds = 0;
  for (const worker of workers) {
    const seconds = Math.min(worker.endedAt, endedAt) - worker.launchedAt;
    instanceSeconds += seconds;
    // EC2 bills whole seconds, and at least a minute.
    billedSeconds += Math.max(minimumSeconds, Math.ceil(seconds));
  }
  return { instanceSeconds, billedSeconds };
}
