import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetMemory, TerminateReason } from '@labelfleet/contracts';
import { expectBoot } from '@labelfleet/scaling';
import type { FleetKnowledge } from './fleet-knowledge.ts';

/** Which workers are suspected or lost because of their silence (F7). */
export interface Health {
  /** Silent for longer than a working worker ever is. */
  suspected: readonly string[];
  /** Silent for so long that they are terminated and replaced, or stopped, which no part of labelfleet does. */
  lost: readonly { instanceId: string; reason: Exclude<TerminateReason, 'drained'> }[];
}

export const ALL_WELL: Health = { suspected: [], lost: [] };

/** Five missed heartbeats, and fifteen. */
const SUSPECTED_MS = 15_000;
const LOST_MS = 45_000;

/**
 * How long this scaler must itself have received no heartbeat from a worker that its predecessor recorded as
 * silent: heartbeats come every 3 s, and the predecessor may have received the last one without writing it into the
 * lease.
 */
const OWN_HEARING_MS = 10_000;

/** The length of a poll of the event queue; silence is stored in steps of this length. */
const REMEMBERED_STEP_MS = 5000;

/**
 * Finds silent workers by the listening clock. An instance without a heartbeat to this scaler counts as silent
 * since the first listing that showed it.
 * @param longUp true if an instance has run for so long that it must have sent a heartbeat, to this scaler or to
 * another
 */
export function watchHealth(
  listed: readonly FleetInstance[],
  { listening, heardAtMs, heartbeats, learned }: FleetKnowledge,
  { terminates }: Pick<FleetMemory, 'terminates'>,
  longUp: (instance: FleetInstance) => boolean,
): Health {
  const neverReportedMs = 1000 * expectBoot(learned).lost;
  const suspected: string[] = [];
  const lost: Health['lost'][number][] = [];
  for (const instance of listed) {
    const { instanceId, state } = instance;
    if (state === 'stopped' && !(instanceId in terminates))
      lost.push({ instanceId, reason: 'stopped' });
    if (
      state === 'stopped' ||
      state === 'stopping' ||
      state === 'terminated' ||
      instanceId in terminates
    )
      continue;
    const silentMs = silenceOf(instanceId, { listening, heardAtMs });
    const reported = heartbeats.has(instanceId);
    if (listening.heardMs >= OWN_HEARING_MS && silentMs >= (reported ? LOST_MS : neverReportedMs))
      lost.push({ instanceId, reason: reported ? 'silent' : 'never-reported' });
    else if ((reported || longUp(instance)) && silentMs >= SUSPECTED_MS) suspected.push(instanceId);
  }
  return { suspected, lost };
}

/** How long instances have been silent, to be stored for the next leader. */
export const silences = (
  listed: readonly FleetInstance[],
  knowledge: Pick<FleetKnowledge, 'listening' | 'heardAtMs'>,
): FleetMemory['silentMs'] =>
  Object.fromEntries(
    listed
      .filter(({ state }) => state === 'launching' || state === 'running')
      .map(({ instanceId }) => {
        const steps = Math.floor(silenceOf(instanceId, knowledge) / REMEMBERED_STEP_MS);
        return [instanceId, steps * REMEMBERED_STEP_MS] as const;
      })
      .filter(([, silentMs]) => silentMs > 0),
  );

const silenceOf = (
  instanceId: string,
  { listening, heardAtMs }: Pick<FleetKnowledge, 'listening' | 'heardAtMs'>,
): number => listening.heardMs - (heardAtMs.get(instanceId) ?? listening.heardMs);
