import type { Decoded } from '@labelfleet/contracts';
import { Random } from '@labelfleet/testkit/random';
import type { Workload } from '../types.ts';
import type { WorldSettings } from '../world-settings.ts';
import { usualService } from './index.ts';

/** A recorded image: seconds since the first arrival, and seconds of its service if they were recorded. */
interface TracedImage {
  at: number;
  service: number | undefined;
}

/**
 * Reads arrivals from CSV. A line has the time of an image in seconds (from any origin) or in ISO 8601 and, if all
 * lines have it, its service seconds after a comma. A first line of another form is a header.
 * @returns the images in the order of arrival
 */
export function decodeTrace(text: string): Decoded<TracedImage[]> {
  const malformed = (reason: string) => ({ kind: 'malformed', reason }) as const;
  const rows = text
    .split(/\r?\n/)
    .map((row, index) => ({ ...imageOf(row), row, line: index + 1 }))
    .filter(({ row }) => row.trim() !== '')
    .filter(({ at }, index) => index > 0 || !Number.isNaN(at));
  for (const { at, service, row, line } of rows) {
    if (Number.isNaN(at)) return malformed(`line ${line}: ${row} begins with no time`);
    if (service !== undefined && !(service >= 0))
      return malformed(`line ${line}: ${row} has no seconds of service`);
  }
  const begin = rows.reduce((least, { at }) => Math.min(least, at), Infinity);
  if (begin === Infinity) return malformed('there are no arrivals in it');
  const served = rows.filter(({ service }) => service !== undefined);
  if (served.length > 0 && served.length < rows.length)
    return malformed('only some lines have seconds of service');
  const images = rows.map(({ at, service }) => ({ at: at - begin, service }));
  return { kind: 'decoded', value: images.sort((a, b) => a.at - b.at) };
}

/** How long a run goes on after the last arrival of a trace. */
const AFTERWARDS_SECONDS = 600;

/** Makes a workload from a trace. Service times that are not recorded are drawn with the seed. */
export function traceWorkload(
  name: string,
  images: readonly TracedImage[],
  seed: number,
  world: WorldSettings,
): Workload {
  const random = new Random(seed, 'trace/service');
  return {
    name,
    arrivals: Float64Array.from(images, ({ at }) => at),
    serviceSeconds: Float32Array.from(images, ({ service }) => service ?? usualService(random)),
    durationSeconds: (images.at(-1)?.at ?? 0) + AFTERWARDS_SECONDS,
    world,
    seed,
  };
}

function imageOf(row: string): TracedImage {
  const [, service = ''] = row.split(',');
  return { at: timeOf(row), service: service.trim() === '' ? undefined : Number(service) };
}

function timeOf(row: string): number {
  const [field = ''] = row.split(',');
  const text = field.trim().replace(/^"(.*)"$/, '$1');
  if (text === '') return Number.NaN;
  const seconds = Number(text);
  return Number.isNaN(seconds) ? Date.parse(text) / 1000 : seconds;
}
