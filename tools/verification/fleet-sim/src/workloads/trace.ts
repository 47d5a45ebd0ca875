import type { Workload } from '../types.ts';
import { Random } from '../engine/random.ts';
import { usualService } from './index.ts';

export type DecodedTrace =
  { kind: 'decoded'; trace: Trace } | { kind: 'malformed'; reason: string };

/** Recorded arrivals, from the first on. */
export interface Trace {
  /** Seconds since the first arrival, in ascending order. */
  arrivals: Float64Array;
  /** Service seconds of each image; undefined if none were recorded. */
  serviceSeconds: Float32Array | undefined;
}

/**
 * Reads arrivals from CSV. A line has the time of an image in seconds (from any origin) or in ISO 8601 and, if all
 * lines have it, its service seconds after a comma. A first line of another form is a header.
 */
export function decodeTrace(text: string): DecodedTrace {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [first] = lines;
  const rows = first !== undefined && Number.isNaN(timeOf(first)) ? lines.slice(1) : lines;
  if (rows.length === 0) return { kind: 'malformed', reason: 'there are no arrivals in it' };
  const skipped = lines.length - rows.length;
  const images: { at: number; service: number | undefined }[] = [];
  for (const [index, row] of rows.entries()) {
    const at = timeOf(row);
    const service = serviceOf(row);
    const line = index + 1 + skipped;
    if (Number.isNaN(at))
      return { kind: 'malformed', reason: `line ${line}: ${row} begins with no time` };
    if (service !== undefined && !(service >= 0))
      return { kind: 'malformed', reason: `line ${line}: ${row} has no seconds of service` };
    images.push({ at, service });
  }
  images.sort((a, b) => a.at - b.at);
  const [begin] = images;
  const services = images.flatMap(({ service }) => (service === undefined ? [] : [service]));
  if (services.length > 0 && services.length < images.length)
    return { kind: 'malformed', reason: 'only some lines have seconds of service' };
  return {
    kind: 'decoded',
    trace: {
      arrivals: Float64Array.from(images, ({ at }) => at - (begin?.at ?? 0)),
      serviceSeconds: services.length > 0 ? Float32Array.from(services) : undefined,
    },
  };
}

/** How long a run goes on after the last arrival of a trace. */
const AFTERWARDS_SECONDS = 600;

/** Makes a workload from a trace. Service times that are not recorded are drawn with the seed. */
export function traceWorkload(
  name: string,
  { arrivals, serviceSeconds }: Trace,
  seed: number,
): Omit<Workload, 'world'> {
  const random = new Random(seed, 'trace/service');
  return {
    name,
    arrivals,
    serviceSeconds:
      serviceSeconds ?? new Float32Array(arrivals.length).map(() => usualService(random)),
    durationSeconds: (arrivals.at(-1) ?? 0) + AFTERWARDS_SECONDS,
    seed,
  };
}

function timeOf(row: string): number {
  const [field = ''] = row.split(',');
  const text = field.trim().replace(/^"(.*)"$/, '$1');
  if (text === '') return Number.NaN;
  const seconds = Number(text);
  return Number.isNaN(seconds) ? Date.parse(text) / 1000 : seconds;
}

function serviceOf(row: string): number | undefined {
  const [, field] = row.split(',');
  return field === undefined || field.trim() === '' ? undefined : Number(field);
}
