import {
  decodeAttemptRecord,
  decodeStoredResult,
  NO_ATTEMPTS,
  type AttemptRecord,
  type Decoded,
  type StoredResult,
} from '@labelfleet/contracts';
import { eventsOf, type EventOf, type Expected, type HistoryEvent } from '../history/event.ts';
import { readAnswer, type Answer } from '../history/read-answer.ts';

/** One request as it was accepted. */
interface Accepted {
  requestId: string;
  offer: string;
}

/** An answer, and its meaning. */
export type Answered = EventOf<'answered'> & { answer: Answer };

/** True if the client need not ask again. */
export const isFinal = ({ answer }: Answered): boolean =>
  answer.kind === 'completed' || answer.kind === 'problem';

/** A history, indexed for the rules. */
export interface Evidence {
  maxWorkers: number;
  /** By image. */
  expected: ReadonlyMap<string, Expected>;
  /** The image of each offer. */
  offers: ReadonlyMap<string, string>;
  answers: readonly Answered[];
  /** From the gateways' logs; a request whose message is sent again occurs again. */
  accepted: readonly Accepted[];
  /** By request id; undefined: the stored object is not a result. */
  results: ReadonlyMap<string, StoredResult | undefined>;
  /** The offer of each request whose image is stored. */
  images: ReadonlyMap<string, string>;
  /** By request id. */
  records: ReadonlyMap<string, AttemptRecord>;
  kills: readonly EventOf<'killed'>[];
  ended: readonly EventOf<'ended'>[];
  /** In the order of time. */
  logs: readonly EventOf<'log'>[];
  fleet: readonly EventOf<'fleet'>[];
  leases: readonly EventOf<'lease'>[];
  left: readonly EventOf<'left'>[];
}

export function gatherEvidence(events: readonly HistoryEvent[]): Evidence {
  const of = <Kind extends HistoryEvent['kind']>(kind: Kind) => eventsOf(kind, events);
  const stored = (bucket: EventOf<'stored'>['bucket']) =>
    of('stored').filter((object) => object.bucket === bucket);
  const logs = of('log').toSorted((a, b) => a.at - b.at);
  return {
    maxWorkers: of('run')[0]?.maxWorkers ?? 0,
    expected: new Map(of('image').map(({ image, expected }) => [image, expected])),
    offers: new Map(of('offered').map(({ offer, image }) => [offer, image])),
    answers: of('answered').map((each) => ({
      ...each,
      answer: readAnswer(each.status, each.body),
    })),
    accepted: logs
      .filter(({ event }) => event === 'request.accepted')
      .map(({ requestId = '', imageKey = '' }) => ({ requestId, offer: offerOf(imageKey) })),
    results: new Map(
      stored('output').map(({ key, body }) => [
        key.replace(/\.json$/, ''),
        decoded(decodeStoredResult(body)),
      ]),
    ),
    images: new Map(stored('input').map(({ key }) => [key.split('/')[0] ?? '', offerOf(key)])),
    records: new Map(
      stored('state')
        .filter(({ key }) => key.startsWith(ATTEMPTS))
        .map(({ key, body }) => [
          key.slice(ATTEMPTS.length),
          decoded(decodeAttemptRecord(body)) ?? NO_ATTEMPTS,
        ]),
    ),
    kills: of('killed'),
    ended: of('ended'),
    logs,
    fleet: of('fleet'),
    leases: of('lease'),
    left: of('left'),
  };
}

const ATTEMPTS = 'attempts/';

/** The key of an image is `<request id>/<file name>`, and the file name is the offer's name. */
const offerOf = (imageKey: string): string => imageKey.split('/')[1] ?? '';

const decoded = <T>(read: Decoded<T>): T | undefined =>
  read.kind === 'decoded' ? read.value : undefined;
