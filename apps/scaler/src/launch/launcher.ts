import { TOKEN_MISMATCH_CODES } from '@labelfleet/aws/errors';
import type { Fleet, LaunchRequest } from '@labelfleet/aws/fleet';
import { WORKER_TAGS, type FleetMemory } from '@labelfleet/contracts';
import { roomAtPlaces } from './limit-launches.ts';
import type { LaunchAnswer } from '../memory/launch-intents.ts';
import {
  afterLaunch,
  choosePlace,
  isOpen,
  NO_LAUNCH_FAILURES,
  refusingPlaces,
  type LaunchResult,
  type Place,
} from './launch-places.ts';
import { tryCall, type CallFailure } from '../act/call-failure.ts';

export interface LauncherDeps {
  fleet: Pick<Fleet, 'resolveLaunchTemplate' | 'launch'>;
  /** Name or id. A new version is used from the next launch on. */
  launchTemplate: string;
  fleetName: string;
  /** In the order in which they are tried. */
  places: readonly Place[];
  newToken: () => string;
  /** 0 to 1 */
  random: () => number;
}

export type PrepareResult =
  { kind: 'ready'; request: LaunchRequest } | { kind: 'wait' } | CallFailure;

/** `not-sent`: this scaler does not lead any more. */
export interface SendResult {
  answer: LaunchAnswer | { kind: 'not-sent' };
  failure?: CallFailure;
}

/** Launches workers, one call at a time, and avoids places where launches failed recently. */
export class Launcher {
  readonly #deps: LauncherDeps;
  #failures = NO_LAUNCH_FAILURES;
  /** EC2's code for the last refusal. */
  #lastRefusal = '';

  constructor(deps: LauncherDeps) {
    this.#deps = deps;
  }

  /**
   * Prepares the exact parameters of a launch, so that they can be written into the lease before it is sent.
   * @param avoid places to use only if there is no other
   */
  async prepare(
    count: number,
    memory: FleetMemory,
    now: number,
    avoid: readonly Place[] = [],
  ): Promise<PrepareResult> {
    const { fleet, launchTemplate, fleetName, places, newToken } = this.#deps;
    const rooms = roomAtPlaces(places, memory, now);
    const place = choosePlace([...rooms.keys()], this.#failures, now, avoid);
    if (place === undefined) return { kind: 'wait' };
    const template = await tryCall(() => fleet.resolveLaunchTemplate(launchTemplate));
    if (template.kind === 'failed') {
      this.#recordOutcome(place, 'failed', now);
      return { call: 'launch', kind: 'failed', detail: template.detail };
    }
    const clientToken = newToken();
    const request: LaunchRequest = {
      ...place,
      clientToken,
      count: Math.min(count, rooms.get(place) ?? 0),
      launchTemplateId: template.answer.id,
      launchTemplateVersion: template.answer.version,
      tags: { [WORKER_TAGS.fleet]: fleetName, [WORKER_TAGS.launch]: clientToken },
    };
    return { kind: 'ready', request };
  }

  /** True if no backoff forbids a launch now. */
  maySend(now: number): boolean {
    return now >= this.#failures.backoff.notBeforeMs;
  }

  /** True if a launch may be sent to this place now. */
  maySendTo(place: Place, now: number): boolean {
    return isOpen(this.#deps.places, this.#failures, place, now);
  }

  /** Where launches are refused, in words; undefined if nowhere. */
  refusals(now: number): string | undefined {
    const { places } = this.#deps;
    const refusing = refusingPlaces(places, this.#failures, now).length;
    if (refusing === 0) return undefined;
    const where =
      refusing === places.length ? 'everywhere' : `in ${refusing} of ${places.length} places`;
    return `EC2 refuses launches ${where}, last with ${this.#lastRefusal}`;
  }

  /** Sends a launch that is written in the lease. */
  async send(request: LaunchRequest, now: number): Promise<SendResult> {
    const result = await tryCall(() => this.#deps.fleet.launch(request));
    if (result.kind === 'failed') {
      const failure: CallFailure = { call: 'launch', kind: 'failed', detail: result.detail };
      if (!result.sent) return { answer: { kind: 'not-sent' }, failure };
      this.#recordOutcome(request, 'failed', now);
      return { answer: { kind: 'unanswered' }, failure };
    }
    const { answer } = result;
    if (answer.kind === 'launched') {
      this.#recordOutcome(request, 'launched', now);
      return { answer: { kind: 'launched', instances: answer.instances.length } };
    }
    const { kind, code, message } = answer;
    const failure: CallFailure = { call: 'launch', kind, detail: `${code}: ${message}` };
    if (TOKEN_MISMATCH_CODES.has(code)) {
      // A token mismatch says nothing about the place.
      this.#recordOutcome(request, 'failed', now);
      return { answer: { kind: 'token-spent' }, failure };
    }
    this.#recordOutcome(request, kind, now);
    if (kind === 'throttled' || kind === 'not-authenticated')
      return { answer: { kind: 'try-later' }, failure };
    if (kind !== 'refused') return { answer: { kind: 'refused' }, failure };
    this.#lastRefusal = code;
    const { market, instanceType, subnetId } = request;
    const place = {
      market,
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(subnetId === undefined ? {} : { subnetId }),
    };
    return { answer: { kind: 'refused' }, failure: { ...failure, refusal: { code, place } } };
  }

  #recordOutcome(place: Place, result: LaunchResult, now: number) {
    const { places, random } = this.#deps;
    this.#failures = afterLaunch(this.#failures, places, place, result, now, random());
  }
}
