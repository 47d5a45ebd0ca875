import { batchSummarySchema, readItem } from '../history/read-batch.ts';
import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

/** Each reader gets every completed image exactly once over all its streams, and then `done` or 204. */
export function findStreamFaults({ opened, streamed, batches }: Evidence): Broken[] {
  const streams = Map.groupBy(opened, ({ reader }) => reader);
  const events = Map.groupBy(streamed, ({ reader }) => reader);
  return [...streams].flatMap(([reader, calls]): Broken[] => {
    const of = calls[0]?.of ?? '';
    const total = batches.get(of)?.offers.length ?? 1;
    const faults = faultsOf(calls, events.get(reader) ?? [], total);
    return [...new Set(faults)].map((what) => [reader, `of ${of} ${what}`]);
  });
}

function faultsOf(
  calls: Evidence['opened'],
  events: Evidence['streamed'],
  total: number,
): string[] {
  const faults: string[] = [];
  const delivered = new Set<number>();
  let isDone = false;
  for (const { type, id, data } of events) {
    if (isDone) faults.push(`got ${type} after done`);
    if (type === 'completed') {
      const item = readItem(data);
      if (item === undefined || item.status === 'queued') {
        faults.push(`got ${JSON.stringify(data).slice(0, 200)} as a completed image`);
        continue;
      }
      if (item.index >= total) faults.push(`got image ${item.index} of ${total}`);
      if (delivered.has(item.index)) faults.push(`got image ${item.index} twice`);
      delivered.add(item.index);
      if (id !== idOf(delivered, total))
        faults.push(`got ${id} as the id of ${[...delivered].join()}`);
    }
    if (type === 'done') {
      isDone = true;
      const { counts, status } = batchSummarySchema.safeParse(data).data ?? {};
      if (status !== 'completed' || counts?.queued !== 0 || counts.total !== total)
        faults.push(`was done with ${JSON.stringify(data).slice(0, 200)}`);
    }
  }
  const wasEmpty = calls.some(({ status }) => status === 204);
  if (!isDone && !wasEmpty) faults.push('never ended');
  else if (delivered.size < total) faults.push(`got ${delivered.size} of ${total} images`);
  const odd = calls.find(({ status }) => ![200, 204, 503].includes(status));
  if (odd !== undefined) faults.push(`was answered ${odd.status} by ${odd.via}`);
  return faults;
}

/** The id of an event: base64url, bit 0 of byte 0 is index 0. */
function idOf(delivered: ReadonlySet<number>, total: number): string {
  const bytes = Buffer.alloc(Math.ceil(total / 8));
  for (const index of delivered) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  return bytes.toString('base64url');
}
