import { eventsOf, type HistoryEvent } from '../history/event.ts';

interface Traffic {
  /** The least that a run of ten minutes needs. */
  inTenMinutes: number;
  count: (events: readonly HistoryEvent[]) => number;
}

/** The traffic besides single images, by the names that reports use. */
export const TRAFFIC: Readonly<Record<string, Traffic>> = {
  forms: {
    inTenMinutes: 60,
    count: (events) => eventsOf('batched', events).filter(({ how }) => how === 'form').length,
  },
  'forms sent to both gateways': {
    inTenMinutes: 20,
    count: (events) => bothGateways(events).length,
  },
  'gathered batches': {
    inTenMinutes: 40,
    count: (events) => eventsOf('batched', events).filter(({ how }) => how === 'gather').length,
  },
  'resumed event streams': {
    inTenMinutes: 40,
    count: (events) => eventsOf('opened', events).filter(({ after }) => after !== '').length,
  },
  'canceled requests': {
    inTenMinutes: 20,
    count: (events) =>
      new Set(
        eventsOf('answered', events).flatMap(({ how, body, offer }) =>
          how === 'cancel' && JSON.stringify(body).includes('"status":"canceled"') ? [offer] : [],
        ),
      ).size,
  },
  webhooks: {
    inTenMinutes: 100,
    count: (events) => webhookTries(events, true),
  },
  'refused webhooks': {
    inTenMinutes: 10,
    count: (events) => webhookTries(events, false),
  },
  'calls with a foreign key': {
    inTenMinutes: 100,
    count: (events) =>
      eventsOf('probed', events).filter(
        ({ caller, owner, status }) => caller !== null && caller !== owner && status === 404,
      ).length,
  },
  'calls with a revoked key': {
    inTenMinutes: 40,
    count: (events) =>
      eventsOf('probed', events).filter(({ key, status }) => key !== null && status === 401).length,
  },
};

export const countTraffic = (events: readonly HistoryEvent[]): Record<string, number> =>
  Object.fromEntries(Object.entries(TRAFFIC).map(([name, { count }]) => [name, count(events)]));

/** The forms that were sent to more than one gateway: twice at once, or again after the connection broke. */
function bothGateways(events: readonly HistoryEvent[]): string[] {
  const forms = eventsOf('batched', events).filter(({ how }) => how === 'form');
  const posts = [
    ...eventsOf('batch-answered', events).map(({ batch, via, how }) => ({ batch, via, how })),
    ...eventsOf('broken', events).map(({ offer: batch, via, how }) => ({ batch, via, how })),
  ].filter(({ how }) => how === 'post');
  const vias = Map.groupBy(posts, ({ batch }) => batch);
  return forms
    .map(({ batch }) => batch)
    .filter((batch) => new Set(vias.get(batch)?.map(({ via }) => via)).size > 1);
}

const webhookTries = (events: readonly HistoryEvent[], accepted: boolean): number =>
  eventsOf('webhook', events).filter(({ status }) => (status === 200) === accepted).length;
