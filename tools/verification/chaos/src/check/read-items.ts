import type { EventOf } from '../history/event.ts';
import { readAnswer } from '../history/read-answer.ts';
import {
  batchViewSchema,
  readItem,
  resultLinesSchema,
  type BatchView,
  type ItemView,
} from '../history/read-batch.ts';
import type { Answered } from './evidence.ts';

type Batches = ReadonlyMap<string, Pick<EventOf<'batched'>, 'offers'>>;

/** An answer about a batch: the batch or the lines of its results; neither where it is a problem. */
export interface ReadBatch {
  answered: EventOf<'batch-answered'>;
  view?: BatchView | undefined;
  lines?: ItemView[] | undefined;
}

export const readBatches = (answers: readonly EventOf<'batch-answered'>[]): ReadBatch[] =>
  answers.map((answered) =>
    answered.how === 'results' && answered.status === 200
      ? { answered, lines: resultLinesSchema.safeParse(answered.body).data }
      : { answered, view: batchViewSchema.safeParse(answered.body).data },
  );

/** What an answer about a batch says of each image; of the batch if it is a problem. */
export function answersOfBatch({ answered, view, lines }: ReadBatch, batches: Batches): Answered[] {
  const { batch, at, via, how, status, body } = answered;
  const exchange = { kind: 'answered' as const, at, via, how };
  const items = view?.items ?? lines;
  if (items === undefined)
    return [{ ...exchange, offer: batch, status, body, answer: readAnswer(status, body) }];
  return items.map((item) => ({ ...exchange, ...aboutItem(batch, item, batches) }));
}

/** What the events of streams say of each image. */
export function answersOfStream(
  opened: readonly EventOf<'opened'>[],
  streamed: readonly EventOf<'streamed'>[],
  batches: Batches,
): Answered[] {
  const followed = new Map(opened.map(({ reader, of }) => [reader, of]));
  return streamed.flatMap(({ reader, type, data, at }): Answered[] => {
    const item = readItem(data);
    if (type !== 'completed' || item === undefined) return [];
    const about = aboutItem(followed.get(reader) ?? reader, item, batches);
    return [{ kind: 'answered', at, via: reader, how: 'events', ...about }];
  });
}

function aboutItem(of: string, item: ItemView, batches: Batches) {
  const batched = batches.get(of);
  const offer = (batched === undefined ? of : batched.offers[item.index]) ?? of;
  const { problem } = item;
  // An image that was refused on arrival has no request.
  const body = item.id === undefined && problem !== undefined ? problem : item;
  return { offer, status: 200, body, answer: readAnswer(200, body) };
}
