import { chunksOf } from '@labelfleet/contracts';
import {
  afterPageDone,
  afterPageRead,
  afterPageStored,
  afterResent,
  nextPlanStep,
  nextRepairStep,
  type PlanState,
  type RepairState,
} from '@labelfleet/worker/protocol';
import type { Held } from './held.ts';
import { imageOf, JOB, NOW, pageOf } from './product.ts';
import { change, send, type Doing, type JobState, type Repairing } from './state.ts';

/** The next step of a worker with the plan message (J2, J7). */
export function planSteps(held: Held, known: PlanState): void {
  const { steps, state } = held;
  const { without, chunkImages } = held.bounds;
  const go = (label: string, next: PlanState, from: JobState = state) =>
    steps.add(label, held.do({ kind: 'plan', known: next }, from));
  const step = nextPlanStep(known, { chunkImages, now: NOW });
  switch (step.kind) {
    case 'read-job':
      return go('reads the job', { ...known, job: JOB });
    case 'read-summary':
      return go('reads the summary', { ...known, summary: state.summary });
    case 'read-plan':
      return go('reads the plan', { ...known, plan: state.plan });
    case 'find-last-page':
      return go('finds the last page', { ...known, lastPage: state.pages.at(-1)?.page ?? null });
    case 'read-page': {
      const page = pageOf(state, step.page);
      const read = afterPageStored(known, page, false);
      const sent = without === 'resendLastPage' ? { sent: chunksOf(page) } : {};
      return go('reads the last page', { ...read, ...sent });
    }
    case 'send-chunks': {
      const { page } = step.page;
      const sent = step.chunks.reduce(
        (from, chunk) => send(from, { type: 'chunk', page, chunk, resent: step.resent }),
        state,
      );
      const count = (known.sent ?? 0) + step.chunks.length;
      return go('sends chunk messages', { ...known, sent: count }, sent);
    }
    case 'mark-page': {
      if (without === 'markEmptyPage') return go('goes on', { ...known, marked: true });
      const marker = { page: step.page, counts: step.counts };
      const isThere = state.markers.some(({ page }) => page === step.page);
      const markers = isThere ? state.markers : [...state.markers, marker];
      return go('marks an empty page', { ...known, marked: true }, change(state, { markers }));
    }
    case 'read-stop':
      if (state.stop !== null && without === 'stopEndsPlan')
        return void steps.add('finds the job stopped', held.do({ kind: 'delete' }));
      return go('reads whether the job is stopped', { ...known, stop: state.stop });
    case 'read-source':
      return go('lists the source', { ...known, listing: listingOf(held, known) });
    case 'store-stop':
      throw new Error('the source of the model can be read');
    case 'store-page': {
      const stored = state.pages[step.page.page];
      const kept = without === 'pageOnce' ? undefined : stored;
      const pages =
        kept === undefined ? state.pages.toSpliced(step.page.page, 1, step.page) : state.pages;
      const page = kept ?? step.page;
      return go(
        'stores a page',
        afterPageStored(known, page, kept === undefined),
        change(state, { pages }),
      );
    }
    case 'store-plan': {
      const plan = state.plan ?? step.plan;
      const next: PlanState = { ...known, plan, planned: true };
      const to = change(state, { plan });
      if (without === 'planCompletes')
        return void steps.add('stores the plan', held.do({ kind: 'delete' }, to));
      return go('stores the plan', next, to);
    }
    case 'repair':
      return void steps.add('begins to repair', held.do({ kind: 'repair', known: { from: 0 } }));
    case 'complete-job': {
      const { plan, summary } = step.known;
      const doing: Doing = {
        kind: 'complete',
        known: { ...(plan && { plan }), ...(summary && { summary }) },
      };
      return void steps.add('completes the job if it can', held.do(doing));
    }
    case 'end':
      return void steps.add('has nothing more to plan', held.do({ kind: 'delete' }));
  }
}

/** The next page of the source, as if its listing took all the calls of a page. */
function listingOf(
  { bounds, state }: Held,
  { page }: PlanState,
): NonNullable<PlanState['listing']> {
  const number = page === undefined ? 0 : page.page + 1;
  const images = Array.from({ length: bounds.pages[number] ?? 0 }, (_, index) =>
    imageOf(number, index, state.source),
  );
  const isLast = number >= bounds.pages.length - 1;
  return { images, bytes: 0, calls: 10, next: isLast ? null : { afterKey: String(number) } };
}

/** The next step of a worker that repairs the job (J8). */
export function repairSteps(held: Held, known: Repairing): void {
  const { steps, state } = held;
  const { plan } = state;
  if (plan === null) throw new Error('only a planned job is repaired');
  const { page, done, provided, from } = known;
  const repairing: RepairState = {
    plan,
    from,
    ...(done && { done: new Set(done) }),
    ...(page !== undefined && { page: pageOf(state, page) }),
    ...(provided && { provided: new Set(provided) }),
  };
  const go = (label: string, next: RepairState, to: JobState = state) =>
    steps.add(label, held.do({ kind: 'repair', known: asPlain(next) }, to));
  const step = nextRepairStep(repairing);
  switch (step.kind) {
    case 'list-markers':
      return go('lists the markers', {
        ...repairing,
        done: new Set(state.markers.map((marker) => marker.page)),
      });
    case 'read-page':
      return go('reads a page', afterPageRead(repairing, pageOf(state, step.page)));
    case 'list-parts': {
      const parts = state.parts.filter((part) => part.page === step.page.page);
      return go('lists the parts', {
        ...repairing,
        provided: new Set(parts.map(({ chunk }) => chunk)),
      });
    }
    case 'send-chunks': {
      const to = step.chunks.reduce(
        (sent, chunk) => send(sent, { type: 'chunk', page: step.page.page, chunk, resent: true }),
        state,
      );
      return go('sends chunk messages again', afterResent(repairing, step.chunks), to);
    }
    case 'complete-page': {
      const doing: Doing = {
        kind: 'complete',
        known: { plan, page: step.page.page, parts: [...step.parts] },
        repairing: asPlain(afterPageDone(repairing)),
      };
      return void steps.add('completes the page', held.do(doing));
    }
    case 'complete-job':
      return void steps.add(
        'completes the job if it can',
        held.do({ kind: 'complete', known: { plan } }),
      );
  }
}

const asPlain = ({ done, page, provided, from }: RepairState): Repairing => ({
  from,
  ...(done && { done: [...done] }),
  ...(page && { page: page.page }),
  ...(provided && { provided: [...provided] }),
});
