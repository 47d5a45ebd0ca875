import {
  decodeAttemptRecord,
  decodeStoredBatch,
  decodeStoredResult,
  NO_ATTEMPTS,
  type AttemptRecord,
  type Decoded,
  type StoredBatch,
  type StoredResult,
} from '@labelfleet/contracts';
import { eventsOf, type EventOf, type Expected, type HistoryEvent } from '../history/event.ts';
import { readAnswer, type Answer } from '../history/read-answer.ts';
import { answersOfBatch, answersOfStream, type ReadBatch, readBatches } from './read-items.ts';

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
  /** When the product was idle: from then on every request is completed. */
  quietAt: number;
  /** By image. */
  expected: ReadonlyMap<string, Expected>;
  offers: ReadonlyMap<string, EventOf<'offered'>>;
  /** About single images; those of batches and event streams too. */
  answers: readonly Answered[];
  batches: ReadonlyMap<string, EventOf<'batched'>>;
  batchAnswers: readonly ReadBatch[];
  /** The name of each batch that an answer has named, by its id. */
  batchNames: ReadonlyMap<string, string>;
  /** By id; undefined: the stored object is not a batch. */
  storedBatches: ReadonlyMap<string, StoredBatch | undefined>;
  opened: readonly EventOf<'opened'>[];
  streamed: readonly EventOf<'streamed'>[];
  webhooks: readonly EventOf<'webhook'>[];
  /** The requests that a client wanted to cancel. */
  canceling: ReadonlySet<string>;
  /** When a key was revoked. */
  revoked: ReadonlyMap<string, number>;
  probes: readonly EventOf<'probed'>[];
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
  const batches = new Map(of('batched').map((batched) => [batched.batch, batched]));
  const batchAnswers = readBatches(of('batch-answered'));
  const [opened, streamed] = [of('opened'), of('streamed')];
  const single = of('answered').map((each) => ({
    ...each,
    answer: readAnswer(each.status, each.body),
  }));
  return {
    maxWorkers: of('run')[0]?.maxWorkers ?? 0,
    quietAt: of('phase').find(({ name }) => name === 'quiet')?.at ?? Infinity,
    expected: new Map(of('image').map(({ image, expected }) => [image, expected])),
    offers: new Map(of('offered').map((offered) => [offered.offer, offered])),
    answers: [
      ...single,
      ...batchAnswers.flatMap((each) => answersOfBatch(each, batches)),
      ...answersOfStream(opened, streamed, batches),
    ],
    batches,
    batchAnswers,
    batchNames: new Map(
      batchAnswers.flatMap(({ view, answered: { batch } }) => (view ? [[view.id, batch]] : [])),
    ),
    storedBatches: new Map(
      stored('state')
        .filter(({ key }) => key.startsWith(BATCHES))
        .map(({ key, body }) => [
          key.slice(BATCHES.length).replace(/\.json$/, ''),
          decoded(decodeStoredBatch(body)),
        ]),
    ),
    ...{ opened, streamed },
    webhooks: of('webhook'),
    canceling: new Set(of('canceling').map(({ requestId }) => requestId)),
    revoked: new Map(of('revoked').map(({ key, at }) => [key, at])),
    probes: of('probed'),
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
const BATCHES = 'batches/';

/** The key of an image is `<request id>/<file name>`, and the file name is the offer's name. */
const offerOf = (imageKey: string): string => imageKey.split('/')[1] ?? '';

const decoded = <T>(read: Decoded<T>): T | undefined =>
  read.kind === 'decoded' ? read.value : undefined;
