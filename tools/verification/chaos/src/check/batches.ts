import type { BatchView, ItemView } from '../history/read-batch.ts';
import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

/** A form is one batch, however often it is sent, and every answer about it shows the same images. */
export function findBatchFaults(evidence: Evidence): Broken[] {
  const { batches, batchAnswers } = evidence;
  const answers = Map.groupBy(batchAnswers, ({ answered }) => answered.batch);
  return [...batches.values()].flatMap((batched): Broken[] => {
    const own = answers.get(batched.batch) ?? [];
    const views = own.flatMap(({ view }) => (view === undefined ? [] : [view]));
    const isForm = batched.how === 'form';
    const names = isForm ? batched.offers : undefined;
    const faults = [
      !views.some(({ status }) => status === 'completed') && 'was never completed',
      ...own.map(({ answered: { how, status }, view }) => {
        const whole = view?.status === 'completed' ? 200 : 202;
        return how === 'post' && view !== undefined && status !== whole
          ? `answered ${status} while it was ${view.status}`
          : false;
      }),
      ...views.flatMap((view) => faultsOfView(view, batched.offers.length)),
      ...own.flatMap(({ view, lines }) => (view?.items ?? lines ?? []).map(misnamed(names))),
      ...own.map(({ lines }) => lines && faultOfLines(lines)),
      // The last listing is that of the idle product.
      own.findLast(({ lines }) => lines)?.lines?.length !== batched.offers.length &&
        'never listed the results of all images',
      changedItem(own.map(({ view, lines }) => view?.items ?? lines ?? [])),
      ...faultsOfStored(batched.batch, evidence, isForm),
    ];
    return [...new Set(faults)].flatMap((what): Broken[] => (what ? [[batched.batch, what]] : []));
  });
}

function faultsOfView({ items, counts, status }: BatchView, total: number) {
  const count = (of: ItemView['status']) => items.filter((item) => item.status === of).length;
  const fits =
    counts.total === total &&
    items.length === total &&
    (['queued', 'succeeded', 'failed', 'canceled'] as const).every(
      (of) => counts[of] === count(of),
    );
  return [
    !items.every(({ index }, at) => index === at) && 'shows its images in another order',
    !fits && `counts ${JSON.stringify(counts)} of its ${total} images`,
    (status === 'completed') !== (count('queued') === 0) &&
      `is ${status} with ${count('queued')} queued images`,
  ];
}

const misnamed =
  (names: readonly string[] | undefined) =>
  ({ index, customId }: ItemView) =>
    customId !== names?.[index] && `calls image ${index} ${customId}`;

function faultOfLines(lines: readonly ItemView[]) {
  const indexes = lines.map(({ index }) => index);
  const inOrder = indexes.every((index, at) => index > (indexes[at - 1] ?? -1));
  return (
    (!inOrder && 'lists its results in another order') ||
    (lines.some(({ status }) => status === 'queued') && 'lists a queued image as a result')
  );
}

/** An index is always the same request. */
function changedItem(answers: readonly (readonly ItemView[])[]) {
  const ids = Map.groupBy(answers.flat(), ({ index }) => index);
  const changed = [...ids].find(([, items]) => new Set(items.map(({ id }) => id)).size > 1);
  return changed && `shows several requests at index ${changed[0]}`;
}

function faultsOfStored(batch: string, evidence: Evidence, isForm: boolean) {
  const { batchAnswers, batches, storedBatches, images } = evidence;
  const own = batchAnswers.filter(({ answered }) => answered.batch === batch);
  const ids = new Set(own.flatMap(({ view }) => view?.id ?? []));
  const { caller, offers = [] } = batches.get(batch) ?? {};
  // Gathered requests belong to other batches too.
  if (isForm)
    for (const [id, stored] of storedBatches) {
      const sent = stored?.items.map((item) => 'requestId' in item && images.get(item.requestId));
      const isOwn = stored?.items.every((item, at) => item.customId === offers[at]);
      if (isOwn && sent?.some((offer) => offer && offers.includes(offer))) ids.add(id);
    }
  const views = own.flatMap(({ view }) => view ?? []);
  return [
    isForm && ids.size > 1 && `became ${ids.size} batches: ${[...ids].join(', ')}`,
    ...Array.from(ids, (id) => {
      const stored = storedBatches.get(id);
      if (stored === undefined) return `${id} is not stored`;
      if (stored.caller !== caller) return `${id} is stored for ${stored.caller}, not ${caller}`;
      const requests = stored.items.map((item) =>
        'requestId' in item ? item.requestId : undefined,
      );
      const differs = views.some(
        (view) => view.id === id && view.items.some((item) => item.id !== requests[item.index]),
      );
      return differs && `${id} is shown with other requests than are stored`;
    }),
  ];
}
