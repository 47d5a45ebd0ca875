import { addCounts, chunksOf, NO_COUNTS, type JobCounts } from '@labelfleet/contracts';
import { nextCompletionStep } from '@labelfleet/worker/protocol';
import type { Held } from './held.ts';
import { completionState, NOW, pageOf } from './product.ts';
import { change, type Completing, type Doing, type JobState } from './state.ts';

/** The next step of a worker that completes a page and the job (J4, J5). */
export function completionSteps(held: Held, doing: Extract<Doing, { kind: 'complete' }>): void {
  const { steps, state } = held;
  const { without } = held.bounds;
  const { known, ownCounts, repairing } = doing;
  const go = (label: string, more: Partial<Completing>, from: JobState = state) =>
    steps.add(label, held.do({ ...doing, known: { ...known, ...more } }, from));
  const goOn: Doing =
    repairing === undefined ? { kind: 'delete' } : { kind: 'repair', known: repairing };
  const step = nextCompletionStep(completionState(state, known), NOW);
  switch (step.kind) {
    case 'list-parts': {
      const { page = 0 } = known;
      const stored = state.parts.filter((part) => part.page === page).map(({ chunk }) => chunk);
      const all = Array.from({ length: chunksOf(pageOf(state, page)) }, (_, chunk) => chunk);
      return go('lists the parts', { parts: without === 'allParts' ? all : stored.sort() });
    }
    case 'read-part-summaries':
      return go('reads the summaries of the parts', {
        counts:
          without === 'countStoredParts' && ownCounts ? ownCounts : countsOfPage(state, known.page),
      });
    case 'mark-page': {
      const marker = { page: known.page ?? 0, counts: step.counts };
      const isThere = state.markers.some((each) => JSON.stringify(each) === JSON.stringify(marker));
      const markers = isThere ? state.markers : [...state.markers, marker];
      return go('marks the page', { marked: true }, change(state, { markers }));
    }
    case 'read-plan':
      return go('reads the plan', { plan: state.plan });
    case 'list-markers': {
      const done = state.markers.map(({ page, counts }) => [page, counts] as const);
      const pages = known.plan?.pages ?? 0;
      const others = Array.from({ length: pages }, (_, page) => page)
        .filter((page) => !done.some(([each]) => each === page))
        .map((page) => [page, NO_COUNTS] as const);
      return go('lists the markers', {
        done: without === 'allMarkers' ? [...done, ...others] : done,
      });
    }
    case 'store-stop':
      throw new Error('the model has no budget');
    case 'read-stop':
      return go('reads whether the job was stopped', { stop: state.stop });
    case 'store-summary': {
      const summary = state.summary ?? step.summary;
      const summaryIsNew = state.summary === null;
      return go('stores the summary', { summary, summaryIsNew }, change(state, { summary }));
    }
    case 'read-active-marker':
      return go('reads the active marker', { active: state.active });
    case 'send-webhook':
      if (without === 'notifyBeforeEnd' && state.active)
        return go('deletes the active marker', {}, change(state, { active: false }));
      return go('sends the webhook message', { notified: true }, change(state, { notified: true }));
    case 'delete-active-marker':
      return void steps.add(
        'deletes the active marker',
        held.do(goOn, change(state, { active: false })),
      );
    case 'end':
      return void steps.add('has nothing more to complete', held.do(goOn));
  }
}

const countsOfPage = ({ parts }: JobState, page: number | undefined): JobCounts =>
  parts
    .filter((part) => part.page === page)
    .map(({ counts }) => counts)
    .reduce(addCounts, NO_COUNTS);
