import * as z from 'zod';
import type { ActiveJob } from '../jobs/active-job.ts';
import type { Observation } from '../observation.ts';

const count = z.int().min(0);
/** Milliseconds since the epoch; a clock may return fractions. */
const unixMs = z.number();

const observed = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), value }),
    z.object({ kind: z.literal('unknown'), reason: z.string() }),
  ]);

const template = z.object({ id: z.string(), version: z.string() });

const instance = {
  id: z.string(),
  launchedAtMs: unixMs,
  model: z.string().exactOptional(),
  template: template.exactOptional(),
  unheard: z.literal(true).exactOptional(),
};

const worker = z.discriminatedUnion('state', [
  z.object({ ...instance, state: z.enum(['booting', 'drained', 'leaving']) }),
  z.object({ ...instance, state: z.literal('busy'), chunks: count.exactOptional() }),
  z.object({
    ...instance,
    state: z.literal('idle'),
    idleSeconds: z.number(),
    reportedAtMs: unixMs,
    chunks: count.exactOptional(),
  }),
  z.object({
    ...instance,
    state: z.literal('draining'),
    instructed: z.boolean(),
    boots: z.literal(true).exactOptional(),
  }),
  z.object({ ...instance, state: z.literal('suspected'), images: count }),
]);

const job = z.object({
  remaining: count,
  completeByMs: unixMs.exactOptional(),
  state: z.enum(['runs', 'nearly-spent', 'stopped']),
}) satisfies z.ZodType<ActiveJob>;

export const observationSchema = z.object({
  backlog: observed(z.object({ visible: count, inFlight: count, delayed: count })),
  fleet: observed(
    z.object({
      workers: z.array(worker),
      openLaunches: count,
      refusedLaunches: count.exactOptional(),
      launchLimit: z
        .object({ most: count, failing: z.boolean(), reason: z.string() })
        .exactOptional(),
      newestTemplate: template.exactOptional(),
    }),
  ),
  learned: z.object({
    bootSeconds: z.array(z.number()),
    images: z.number(),
    busySeconds: z.number(),
    fullImages: z.number(),
    fullSeconds: z.number(),
    jobs: z.object({ images: z.number(), seconds: z.number() }).exactOptional(),
  }),
  completed: z.number(),
  refused: count.exactOptional(),
  jobs: observed(z.array(job)).exactOptional(),
}) satisfies z.ZodType<Observation>;
