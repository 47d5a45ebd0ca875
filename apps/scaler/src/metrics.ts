import type { FleetCost } from '@labelfleet/contracts';
import { logOutput } from '@labelfleet/runtime';
import { countStates, type Backlog, type FleetView, type Terms } from '@labelfleet/scaling';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { STEPS, type Acted } from './act/act.ts';
import type { DeadLetterVerdict } from './dead-letters/judge-dead-letter.ts';

const ROLES = ['leader', 'standby', 'dry-run'] as const;

/** A `leader` holds the lease and acts; a `standby` waits for the lease; a `dry-run` never acts. */
export type Role = (typeof ROLES)[number];

/** The scaler's metrics for Prometheus. */
export class Metrics {
  readonly registry = new Registry();
  readonly #images = this.#gauge('queue_images', 'Images on the request queue', 'state');
  readonly #workers = this.#gauge('workers', 'Instances not yet terminated', 'state');
  readonly #desired = this.#gauge('workers_desired', 'Workers that the last decision wants');
  readonly #terms = this.#gauge('decision_terms', 'Terms of the last decision', 'term');
  readonly #suspected = this.#gauge('workers_suspected', 'Workers silent for 15 s or more');
  readonly #role = this.#gauge(
    'scaler_role',
    'Role of this scaler: 1 for the current role, 0 for the others',
    'role',
  );
  readonly #costUsd = this.#gauge(
    'cost_usd',
    'Cost of the fleet since counting began, in USD',
    'part',
  );
  readonly #costPerImage = this.#gauge(
    'cost_per_image_usd',
    'Cost of an image over the last hour, idle time included, in USD',
  );
  readonly #costPerHour = this.#gauge(
    'cost_per_hour_usd',
    'Cost of an hour of the running instances, in USD',
  );
  readonly #steps = this.#counter('fleet_steps_total', 'Actions on the fleet, by kind', 'step');
  readonly #troubles = this.#counter(
    'troubles_total',
    'Failed calls to AWS, by call and kind',
    'call',
    'kind',
  );
  readonly #failedBoots = this.#counter(
    'boots_failed_total',
    'Instances that ended or fell silent before they completed an image or were up for 90 s',
    'cause',
  );
  readonly #malformed = this.#counter('malformed_events_total', 'Malformed fleet events');
  readonly #deadLetters = this.#counter(
    'dead_letters_total',
    'Dead letters received, by outcome',
    'outcome',
  );
  readonly #faults = this.#counter(
    'tick_faults_total',
    'Ticks that failed with an unexpected error',
  );
  readonly #sweptQueues = this.#counter(
    'reply_queues_swept_total',
    'Reply queues of dead gateways, by outcome',
    'outcome',
  );
  readonly #sweptRequests = this.#counter(
    'requests_swept_total',
    'Requests found without result and message, by outcome',
    'outcome',
  );
  readonly #tickSeconds = new Histogram({
    name: 'labelfleet_tick_seconds',
    help: 'Duration of a tick in seconds',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'labelfleet_log_lines_lost',
      help: 'Log lines that could not be written since the start',
      registers: [this.registry],
      collect() {
        this.set(logOutput.lostLines);
      },
    });
  }

  observed(backlog: Backlog, fleet: FleetView, desired: number): void {
    this.#images.set({ state: 'visible' }, backlog.visible);
    this.#images.set({ state: 'in-flight' }, backlog.inFlight);
    this.#images.set({ state: 'delayed' }, backlog.delayed);
    for (const [state, count] of Object.entries(countStates(fleet)))
      this.#workers.set({ state }, count);
    this.#desired.set(desired);
  }

  /** NaN if unknown: a price is missing, or no image was completed. */
  cost({ parts, perImage, perHourNow }: FleetCost): void {
    for (const part of ['instances', 'queue', 'store'] as const)
      this.#costUsd.set({ part }, parts[part] ?? NaN);
    this.#costPerImage.set(perImage ?? NaN);
    this.#costPerHour.set(perHourNow ?? NaN);
  }

  /** Null if the last decision had none: the metric then shows none instead of old ones. */
  terms(terms: Terms | null): void {
    this.#terms.reset();
    for (const [term, value] of Object.entries(terms ?? {}))
      this.#terms.set({ term }, Number(value));
  }

  suspected(count: number): void {
    this.#suspected.set(count);
  }

  role(role: Role): void {
    for (const each of ROLES) this.#role.set({ role: each }, each === role ? 1 : 0);
  }

  acted(acted: Acted): void {
    for (const step of STEPS) this.#steps.inc({ step }, acted[step]);
    for (const { call, kind } of acted.failures) this.callFailed(call, kind);
  }

  callFailed(call: string, kind: string): void {
    this.#troubles.inc({ call, kind });
  }

  failedBoot(cause: string): void {
    this.#failedBoots.inc({ cause });
  }

  malformedEvent(): void {
    this.#malformed.inc();
  }

  deadLetter(outcome: DeadLetterVerdict['kind'] | 'malformed' | 'not-understood' | 'failed'): void {
    this.#deadLetters.inc({ outcome });
  }

  tickFault(): void {
    this.#faults.inc();
  }

  sweptReplyQueue(outcome: 'deleted' | 'failed'): void {
    this.#sweptQueues.inc({ outcome });
  }

  sweptRequest(outcome: DeadLetterVerdict['kind'] | 'image-gone' | 'failed'): void {
    this.#sweptRequests.inc({ outcome });
  }

  tickTook(seconds: number): void {
    this.#tickSeconds.observe(seconds);
  }

  #gauge(name: string, help: string, ...labelNames: string[]) {
    return new Gauge({ name: `labelfleet_${name}`, help, labelNames, registers: [this.registry] });
  }

  #counter(name: string, help: string, ...labelNames: string[]) {
    return new Counter({
      name: `labelfleet_${name}`,
      help,
      labelNames,
      registers: [this.registry],
    });
  }
}
