import type { Decision, ScalingSettings } from '../../decision.ts';
import type { Backlog } from '../../observation.ts';
import { plural } from '../../plural.ts';
import type { Terms } from './terms.ts';

export interface Explained {
  backlog: Backlog;
  terms: Terms;
  decision: Decision;
  /** Number of workers that `decision.drain` takes out of service. */
  released: number;
  /** Workers that have been silent for a while. */
  suspected: number;
  /**
   * Workers that drain and are not resumed, and drained ones that are not terminated yet, because their time is
   * paid for anyway.
   */
  draining: number;
  drained: number;
  limits: Pick<ScalingSettings, 'minWorkers' | 'maxWorkers'>;
}

/** Example: `600 waiting; 4 workers serve 9.6/s; 2 boots due in 12 s cover the rest: launch 0`. */
export function explainDeadline(explained: Explained): string {
  const parts = [work(explained), serving(explained), boots(explained), ...reasons(explained)];
  return `${parts.filter((part) => part !== '').join('; ')}: ${steps(explained)}`;
}

function work({ backlog: { visible, inFlight }, terms }: Explained): string {
  const arriving = figure(Math.max(terms.rate15, terms.rate60));
  return [
    `${visible} waiting`,
    ...(inFlight > 0 ? [`${inFlight} in flight`] : []),
    ...(terms.refusedImages === undefined ? [] : [`${terms.refusedImages} refused lately`]),
    ...(terms.forecastSeconds > 0 ? [`${arriving}/s arriving`] : []),
  ].join(', ');
}

function serving({ terms: { up, serviceSeconds } }: Explained): string {
  if (up === 0) return 'no worker is up';
  const verb = up === 1 ? 'serves' : 'serve';
  return `${plural(up, 'worker')} ${verb} ${figure(up / serviceSeconds)}/s`;
}

function boots({ terms }: Explained): string {
  const { up, booting, overdue, needImages, horizonSeconds, serviceSeconds } = terms;
  const parts: string[] = [];
  if (booting > 0) {
    const needed = needImages > (up * horizonSeconds) / serviceSeconds;
    const verb = booting === 1 ? 'covers' : 'cover';
    const enough = needed && terms.missing === 0 ? ` ${verb} the rest` : '';
    parts.push(`${plural(booting, 'boot')} due in ${figure(terms.bootsDueSeconds)} s${enough}`);
  }
  if (overdue > 0) parts.push(`${plural(overdue, 'boot')} overdue`);
  return parts.join(', ');
}

function reasons(explained: Explained): string[] {
  const { terms, decision, released, suspected, draining, drained, limits } = explained;
  const { missing, steady, needed, kept, want } = terms;
  const live = terms.up + terms.booting;
  const parts: string[] = [];
  if (want > live) {
    const short = figure(terms.needImages - terms.capacityImages);
    const inTime = `in ${figure(terms.horizonSeconds)} s`;
    if (steady >= want) parts.push(`these arrivals need ${plural(steady, 'worker')}`);
    else if (live > 0 && missing > 0) parts.push(`${short} more than they can do ${inTime}`);
  }
  if (want > limits.maxWorkers) parts.push(`${limits.maxWorkers} at most`);
  if (want < limits.minWorkers) parts.push(`${limits.minWorkers} at least`);
  const unneeded = Math.min(live, kept) - needed;
  if (unneeded > 0)
    parts.push(`${unneeded} not needed now, kept for ${figure(terms.keptForSeconds)} s more`);
  const surplus = live - decision.desired - released;
  if (surplus > 0) parts.push(`${surplus} too many, but not idle in a recent heartbeat`);
  if (suspected > 0) parts.push(`${suspected} suspected, no capacity`);
  if (draining > 0) parts.push(`${draining} draining`);
  if (drained > 0) parts.push(`${drained} drained, already paid for`);
  return parts;
}

function steps({ terms, decision, released }: Explained): string {
  const { desired, resume, launch, drain, terminate } = decision;
  const withoutRoom = desired - terms.up - terms.booting - resume.length - launch;
  const taken = [
    [resume.length, 'resume'],
    [launch, 'launch'],
    [withoutRoom, 'no room for'],
    [released, 'drain'],
    [drain.length - released, 'drain again'],
    [terminate.length, 'terminate'],
  ] as const;
  const words = taken.filter(([count]) => count > 0).map(([count, step]) => `${step} ${count}`);
  return words.join(', ') || 'launch 0';
}

/** Two significant digits are enough to understand a decision. */
const figure = (value: number): string => String(Number(value.toPrecision(2)));
