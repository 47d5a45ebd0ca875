import type { ServerEvent } from './event-stream.ts';
import { followEvents, type FollowOptions } from './follow.ts';
import type { Target } from './target.ts';
import { poll } from './wait.ts';
import type { Batch, BatchItem, BatchProgress, BatchSummary } from './wire.ts';

export type FollowEvent =
  | { kind: 'progress'; progress: BatchProgress }
  | { kind: 'completed'; item: BatchItem }
  | { kind: 'done'; batch: BatchSummary };

/**
 * Tells how a batch goes on, each completed item once, until it is done: by a stream of events, or by polling where
 * streams do not get through.
 */
export async function* followBatch(
  target: Target,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<FollowEvent, void> {
  const delivered = new Set<number>();
  const parse = (event: ServerEvent) => {
    const value = parseEvent(event);
    if (value === undefined) return undefined;
    if (value.kind === 'completed') {
      if (delivered.has(value.item.index)) return undefined;
      delivered.add(value.item.index);
    }
    return { value, isLast: value.kind === 'done' };
  };
  if (yield* followEvents(target, `v1/batches/${id}/events`, parse, options)) return;
  const isCompleted = ({ status }: Batch) => status === 'completed';
  for await (const batch of poll<Batch>(target, `v1/batches/${id}`, isCompleted, options)) {
    for (const item of batch.items) {
      if (item.status === 'queued' || delivered.has(item.index)) continue;
      delivered.add(item.index);
      yield { kind: 'completed', item };
    }
    yield isCompleted(batch) ? { kind: 'done', batch } : { kind: 'progress', progress: batch };
  }
}

function parseEvent({ type, data }: ServerEvent): FollowEvent | undefined {
  switch (type) {
    case 'progress':
      return { kind: 'progress', progress: JSON.parse(data) as BatchProgress };
    case 'completed':
      return { kind: 'completed', item: JSON.parse(data) as BatchItem };
    case 'done':
      return { kind: 'done', batch: JSON.parse(data) as BatchSummary };
    default:
      return undefined;
  }
}
