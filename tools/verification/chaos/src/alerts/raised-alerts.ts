import { eventsOf, type EventOf, type HistoryEvent, type Outage } from '../history/event.ts';
import { TIME_SCALE } from '../stack/settings.ts';

/** From `may` on an alert is no surprise, from `must` on it has to fire. */
interface Amount {
  may: number;
  must: number;
}

export interface Fault {
  /** How much of it there was until a time: how often, or for outages how many seconds, in the time of the rules. */
  amount: (events: readonly HistoryEvent[], untilMs: number) => number;
  /** The alerts that it raises. */
  raises: Readonly<Record<string, Amount>>;
}

type Raises = Fault['raises'];

const NONE: Raises = {};
const NEVER = Infinity;

function times<Kind extends HistoryEvent['kind']>(
  kind: Kind,
  isIt: (event: EventOf<Kind>) => boolean,
  raises: Raises,
): Fault {
  const amount: Fault['amount'] = (events, untilMs) =>
    eventsOf(kind, events).filter((event) => event.at <= untilMs && isIt(event)).length;
  return { amount, raises };
}

const killed = (role: EventOf<'killed'>['role'], raises: Raises) =>
  times('killed', (event) => event.role === role, raises);
const stalled = (role: EventOf<'stalled'>['role'], raises: Raises) =>
  times('stalled', (event) => event.role === role, raises);
const delayed = (role: EventOf<'delayed'>['role'], raises: Raises) =>
  times('delayed', (event) => event.role === role, raises);
const call = (fault: string, raises: Raises) =>
  times('fault', (event) => event.fault === fault && event.action !== LAUNCH, raises);
const launch = (fault: string, raises: Raises) =>
  times('fault', (event) => event.fault === fault && event.action === LAUNCH, raises);

const LAUNCH = 'ec2:RunInstances';

function outage(name: Outage, raises: Raises): Fault {
  const amount: Fault['amount'] = (events, untilMs) =>
    eventsOf('outage', events)
      .filter(({ outage }) => outage === name)
      .reduce((sum, { at, forMs }) => sum + Math.max(0, Math.min(untilMs - at, forMs)), 0) *
    (TIME_SCALE / 1000);
  return { amount, raises };
}

/** Every fault of a run. An alert that none of them raises must not fire. */
export const FAULTS = {
  'killed gateway': killed('gateway', NONE),
  'killed scaler': killed('scaler', NONE),
  // A worker that is killed before its first result counts as a failed boot.
  'killed worker': killed('worker', { LabelfleetBootsFail: { may: 3, must: NEVER } }),
  'killed local cloud': killed('local-cloud', NONE),
  'stalled gateway': stalled('gateway', NONE),
  'stalled scaler': stalled('scaler', NONE),
  // An idle worker has no messages.
  'stalled worker': stalled('worker', { LabelfleetVisibilityLapses: { may: 1, must: NEVER } }),
  'delayed call of a gateway': delayed('gateway', NONE),
  'delayed call of a scaler': delayed('scaler', NONE),
  'delayed call of a worker': delayed('worker', NONE),

  'cut call': call('cut-connection', NONE),
  'slow call': call('latency', NONE),
  'throttled call': call('throttle', NONE),
  'lost reply': call('lost-reply', NONE),
  'held call': call('hold', NONE),
  'outdated listing': call('stale-describe', NONE),
  'duplicate delivery': call('duplicate-delivery', NONE),
  // Of an outage, which raises the alert.
  'denied call': call('error', NONE),
  // A scaler that is killed takes those along that were not scraped yet.
  'no capacity': launch('capacity', { LabelfleetLaunchesRefused: { may: 3, must: 20 } }),
  'launch refused': launch('error', { LabelfleetLaunchesRefused: { may: 3, must: 20 } }),
  'failed boot': launch('boot-failure', { LabelfleetBootsFail: { may: 1, must: 10 } }),
  'launch cut off': launch('cut-connection', {
    LabelfleetLaunchesRefused: { may: 3, must: NEVER },
  }),
  'launch without a reply': launch('lost-reply', {
    LabelfleetLaunchesRefused: { may: 3, must: NEVER },
  }),
  'slow launch': launch('latency', NONE),
  'throttled launch': launch('throttle', NONE),
  'held launch': launch('hold', NONE),

  'failed webhook': times('webhook', ({ status }) => status !== 200, NONE),
  'revoked key': times('revoked', () => true, NONE),

  'gateway stopped': outage('gateway stopped', { LabelfleetGatewayDown: { may: 60, must: 105 } }),
  'scalers stopped': outage('scalers stopped', {
    LabelfleetNoLeader: { may: 120, must: 165 },
    // The snapshot of an idle fleet is stale after two minutes that no setting shortens.
    LabelfleetSnapshotStale: { may: 60, must: NEVER },
  }),
  'SQS unreachable': outage('SQS unreachable', {
    LabelfleetAwsCallsFail: { may: 120, must: 210 },
    LabelfleetRequestsFail: { may: 120, must: 210 },
  }),
  'S3 reads denied': outage('S3 reads denied', {
    LabelfleetAccessDenied: { may: 1, must: 60 },
  }),
} as const satisfies Record<string, Fault>;
