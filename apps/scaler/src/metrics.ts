import type { FleetCost } from '@labelfleet/contracts';
import {
  countStates,
  type Backlog,
  type FleetView,
  type JobDemand,
  type Terms,
} from '@labelfleet/scaling';
import { makeMetrics, Registry, SCALER_METRICS } from '@labelfleet/telemetry';
import { STEPS, type Acted } from './act/act.ts';
import type { DeadLetterVerdict } from './dead-letters/judge-dead-letter.ts';

const ROLES = ['leader', 'standby', 'dry-run'] as const;

/** A `leader` holds the lease and acts; a `standby` waits for the lease; a `dry-run` never acts. */
export type Role = (typeof ROLES)[number];

/** The scaler's metrics for Prometheus. */
export class Metrics {
  readonly registry = new Registry();
  readonly #made = makeMetrics(this.registry, SCALER_METRICS);

  observed(backlog: Backlog, fleet: FleetView, desired: number): void {
    this.#made.labelfleet_queue_images.set({ state: 'visible' }, backlog.visible);
    this.#made.labelfleet_queue_images.set({ state: 'in-flight' }, backlog.inFlight);
    this.#made.labelfleet_queue_images.set({ state: 'delayed' }, backlog.delayed);
    for (const [state, count] of Object.entries(countStates(fleet)))
      this.#made.labelfleet_workers.set({ state }, count);
    this.#made.labelfleet_workers_desired.set(desired);
  }

  /** @param demand undefined: the last decision did not look at jobs, and the metrics stay as they are */
  jobs(demand: JobDemand | undefined, stalled: boolean): void {
    this.#made.labelfleet_jobs_stalled.set(stalled ? 1 : 0);
    if (demand === undefined) return;
    this.#made.labelfleet_workers_for_jobs.set(demand.workers);
    if (demand.known === null) return;
    this.#made.labelfleet_jobs_active.set(demand.known.active);
    this.#made.labelfleet_job_images_remaining.set(demand.known.remaining);
  }

  /** NaN if unknown: a price is missing, or no image was completed. */
  cost({ parts, perImage, perHourNow }: FleetCost): void {
    for (const part of ['instances', 'queue', 'store'] as const)
      this.#made.labelfleet_cost_usd.set({ part }, parts[part] ?? NaN);
    this.#made.labelfleet_cost_per_image_usd.set(perImage ?? NaN);
    this.#made.labelfleet_cost_per_hour_usd.set(perHourNow ?? NaN);
  }

  /** Null if the last decision had none: the metric then shows none instead of old ones. */
  terms(terms: Terms | null): void {
    this.#made.labelfleet_decision_terms.reset();
    for (const [term, value] of Object.entries(terms ?? {}))
      this.#made.labelfleet_decision_terms.set({ term }, Number(value));
  }

  suspected(count: number): void {
    this.#made.labelfleet_workers_suspected.set(count);
  }

  role(role: Role): void {
    for (const each of ROLES)
      this.#made.labelfleet_scaler_role.set({ role: each }, each === role ? 1 : 0);
  }

  acted(acted: Acted): void {
    for (const step of STEPS) this.#made.labelfleet_fleet_steps_total.inc({ step }, acted[step]);
    for (const { call, kind } of acted.failures) this.callFailed(call, kind);
  }

  callFailed(call: string, kind: string): void {
    this.#made.labelfleet_troubles_total.inc({ call, kind });
  }

  failedBoot(cause: string): void {
    this.#made.labelfleet_boots_failed_total.inc({ cause });
  }

  malformedEvent(): void {
    this.#made.labelfleet_malformed_events_total.inc();
  }

  deadLetter(outcome: DeadLetterVerdict['kind'] | 'malformed' | 'not-understood' | 'failed'): void {
    this.#made.labelfleet_dead_letters_total.inc({ outcome });
  }

  tickFault(): void {
    this.#made.labelfleet_tick_faults_total.inc();
  }

  sweptReplyQueue(outcome: 'deleted' | 'failed'): void {
    this.#made.labelfleet_reply_queues_swept_total.inc({ outcome });
  }

  sweptRequest(outcome: DeadLetterVerdict['kind'] | 'image-gone' | 'failed'): void {
    this.#made.labelfleet_requests_swept_total.inc({ outcome });
  }

  tickTook(seconds: number): void {
    this.#made.labelfleet_tick_seconds.observe(seconds);
  }
}
