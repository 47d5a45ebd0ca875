import type { FleetMemory } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import {
  countStates,
  encodeTick,
  type Backlog,
  type Decided,
  type FleetView,
  type Observation,
  type TickInputs,
} from '@labelfleet/scaling';
import { STEPS, type Acted } from '../act/act.ts';
import { adviseOnRefusal } from '../launch/advise-on-refusal.ts';
import { nextLaunchMs } from '../launch/limit-launches.ts';
import { failedInARow, hasFailed, type FailedBoot } from '../launch/track-boots.ts';
import type { Health } from '../observe/health-watch.ts';
import type { Metrics } from '../metrics.ts';
import type { TickLog } from './tick-log.ts';

/** One tick, from the observation to the actions. */
export interface TickReport {
  inputs: TickInputs;
  decided: Decided;
  acted: Acted;
  health: Health;
  /** The memory after the tick. */
  memory: FleetMemory;
  /** Boots that failed since the last tick. */
  failedBoots: readonly FailedBoot[];
}

export type TickLogger = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface ReportDeps {
  metrics: Pick<Metrics, 'suspected' | 'acted' | 'failedBoot' | 'terms' | 'callFailed'>;
  /** Undefined if ticks are not recorded. */
  tickLog: TickLog | undefined;
  log: TickLogger;
}

/** Backlog and fleet, if both could be observed. */
export interface CompleteObservation {
  backlog: Backlog;
  fleet: FleetView;
}

export function completeObservation({
  backlog,
  fleet,
}: Observation): CompleteObservation | undefined {
  if (backlog.kind === 'unknown' || fleet.kind === 'unknown') return undefined;
  return { backlog: backlog.value, fleet: fleet.value };
}

/** Why the fleet has its size: the decision's reason, and what kept the decision from being carried out. */
export const reason = (decided: Pick<Decided, 'reason'>, acted: Pick<Acted, 'reason'>): string =>
  acted.reason === undefined ? decided.reason : `${decided.reason}; ${acted.reason}`;

/** Reports a tick to the metrics, to the log, and as a record that can be replayed. */
export async function reportTick(report: TickReport, deps: ReportDeps): Promise<void> {
  const { inputs, decided, acted, health, memory } = report;
  const { metrics, tickLog, log } = deps;
  metrics.acted(acted);
  metrics.suspected(health.suspected.length);
  metrics.terms(decided.terms);
  // These are not scale-in: the workers may have been working on images (F7).
  for (const lost of health.lost.filter(({ instanceId }) => instanceId in memory.terminates))
    log.warn({ event: 'worker.lost', ...lost }, LOST_MESSAGES[lost.reason]);
  for (const { refusal, detail } of acted.failures)
    if (refusal !== undefined)
      log.error(
        { event: 'launch.refused', ...refusal, detail, advice: adviseOnRefusal(refusal.code) },
        'launch refused',
      );
  reportFailedBoots(report, deps);
  logTick(report, log);
  const recorded = await tickLog?.append(encodeTick(inputs, decided));
  if (recorded?.kind === 'failed') {
    metrics.callFailed('record', 'failed');
    log.warn({ event: 'tick.record-failed', detail: recorded.detail }, 'tick not recorded');
  }
}

const LOST_MESSAGES = {
  silent: 'silent worker terminated',
  'never-reported': 'worker without a heartbeat terminated',
  stopped: 'stopped worker terminated',
};

/** Only failed boots that are in the memory: the next tick finds the others again. */
function reportFailedBoots(
  { memory, failedBoots }: TickReport,
  { metrics, log }: ReportDeps,
): void {
  const { boots } = memory;
  const inARow = failedInARow(boots).length;
  const nextMs = nextLaunchMs(boots);
  for (const boot of failedBoots.filter((one) => hasFailed(boots, one.instanceId))) {
    metrics.failedBoot(boot.cause);
    const { instanceId, place, cause, message: detail } = boot;
    const next = Number.isFinite(nextMs) ? { nextLaunchAt: new Date(nextMs).toISOString() } : {};
    log.error(
      { event: 'boot.failed', instanceId, place, cause, detail, inARow, ...next },
      'boot failed',
    );
  }
}

/** Logs one line a tick: at info if it changed something, at warn if a call failed, otherwise at debug. */
function logTick({ inputs, decided, acted }: TickReport, log: TickLogger): void {
  const { decision, terms } = decided;
  const observed = completeObservation(inputs.observation);
  const changed = STEPS.some((step) => acted[step] > 0);
  const level =
    acted.failures.length > 0 || observed === undefined ? 'warn' : changed ? 'info' : 'debug';
  log[level](
    {
      event: 'scaler.tick',
      ...(observed && { backlog: observed.backlog, fleet: countStates(observed.fleet) }),
      ...(terms && { terms }),
      desired: decision.desired,
      ...acted,
      reason: reason(decided, acted),
    },
    'tick',
  );
}
