import type { FleetEvent } from '@labelfleet/contracts';
import { WORKER_TAGS } from '@labelfleet/contracts';
import type { FleetInstance } from '@labelfleet/aws/fleet';
import { NOTHING_KNOWN, type FleetKnowledge } from '@labelfleet/scaler/protocol';
import type { FleetState, Saying, Scaler, Worker } from './state.ts';

/*
 * Converts the model's state into the arguments of the product's functions. Times of images and sizes of instances
 * do not affect the protocol and are left out.
 */

const LONG_MS = 10_000_000;
/** So long after an instruction was set that it is set again. */
const REPORTED_AFTER_MS = 5000;

export const sayingOf = ({ at, state, id }: Worker): Saying => ({
  state,
  busy: at === 'busy',
  ...(id === undefined ? {} : { id }),
});

const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'] as const;

/** @param nth the number of the heartbeat; later ones are higher */
export function eventOf(
  instanceId: string,
  { state, busy, id }: Saying,
  nth: 0 | 1 | 2,
): FleetEvent {
  return {
    v: 1,
    instanceId,
    type: state === 'working' ? 'heartbeat' : state,
    at: TIMES[nth],
    state,
    ...(id === undefined ? {} : { instructionId: id }),
    slots: 1,
    busySlots: busy ? 1 : 0,
    idleSeconds: busy || state !== 'working' ? 0 : 9,
    imagesCompleted: 0,
    busySeconds: 0,
  };
}

export function knowledgeOf({ heard, unheardMs }: Scaler, now: number): FleetKnowledge {
  return {
    ...NOTHING_KNOWN,
    heartbeats: new Map(
      Object.entries(heard).map(([id, saying]) => [
        id,
        {
          event: eventOf(id, saying, saying.late === true ? 0 : 1),
          receivedAtMs: now + REPORTED_AFTER_MS,
        },
      ]),
    ),
    listening: { heardMs: LONG_MS, countedUntilMs: 0 },
    heardAtMs: new Map(Object.entries(unheardMs).map(([id, ms]) => [id, LONG_MS - ms])),
  };
}

/** The listing of Describe. */
export const listingOf = ({ instances }: FleetState): FleetInstance[] =>
  instances
    .filter(({ shown }) => shown)
    .map(({ id, token, state, shownTags }) => ({
      instanceId: id,
      state,
      launchedAt: new Date(0),
      instanceType: 'c7i.large',
      subnetId: undefined,
      market: 'on-demand',
      tags: { ...shownTags, [WORKER_TAGS.launch]: token },
    }));
