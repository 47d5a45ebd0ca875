import { hash } from 'node:crypto';
import { addCounts, chunksOf, imagesOf, imagesOfChunk, NO_COUNTS } from '@labelfleet/contracts';
import type { Model } from '../explore.ts';
import { faultsIn, Steps } from '../steps.ts';
import { keyOf } from './product.ts';
import { outsideSteps } from './outside-steps.ts';
import { queueSteps } from './queue-steps.ts';
import { change, JOB_FAULTS, partOf, type JobBounds, type JobState } from './state.ts';
import { workerSteps } from './worker-steps.ts';

const PARTS = [outsideSteps, queueSteps, workerSteps];

/**
 * The protocol of one job (J1 to J8), without time, prices and other jobs. What planners, repairs and completions do
 * next, and the decisions on attempts, are the product's own code.
 */
export function jobModel(bounds: JobBounds): Model<JobState> {
  return {
    initial: initialState(bounds),
    next: (state) => {
      const steps = new Steps(state);
      for (const part of PARTS) part(steps, bounds);
      return steps.list;
    },
    key: (state) => {
      const workers = [...state.workers].sort(byContent);
      // As text, the states of wide bounds take gigabytes.
      return hash('sha256', JSON.stringify(change(state, { workers })), 'base64');
    },
    broken,
    promise: {
      name: 'an accepted job completed, with nothing left over',
      owed: ({ accepted }) => accepted,
      kept: ({ summary, active, workers, messages }) =>
        summary !== null &&
        !active &&
        workers.length === 0 &&
        messages.every(({ at }) => at === 'gone'),
    },
  };
}

const initialState = (bounds: JobBounds): JobState => ({
  gateway: 'new',
  accepted: false,
  active: false,
  pages: [],
  plan: null,
  parts: [],
  markers: [],
  stop: null,
  summary: null,
  notified: false,
  record: { v: 1, attempts: [] },
  deaths: [],
  messages: [],
  workers: [],
  source: 1,
  purged: false,
  wrong: '',
  faults: faultsIn(JOB_FAULTS, bounds),
});

/** A worker's attempts at an image before the record says that they are exhausted. */
const DEATHS_TO_EXHAUST = 3;

function broken(state: JobState): string | undefined {
  const { wrong, pages, parts, markers, summary, active, notified, deaths } = state;
  if (wrong !== '') return wrong;
  for (const part of parts) {
    const page = pages[part.page];
    const listed = page && imagesOfChunk(page, part.chunk).map(keyOf);
    if (JSON.stringify(listed) !== JSON.stringify(part.images))
      return 'a part has other images than its page';
  }
  for (const { page, counts } of markers) {
    if (markers.some((other) => other.page === page && !equal(other.counts, counts)))
      return 'two different markers of a page';
  }
  const killed = deaths.findIndex((count) => count > DEATHS_TO_EXHAUST + 1);
  if (killed !== -1) return `image ${killed} killed ${deaths[killed]} workers`;
  if (summary === null) return undefined;
  const all = pages.slice(0, summary.pages);
  for (const page of all) {
    for (let chunk = 0; chunk < chunksOf(page); chunk++)
      if (partOf(state, page.page, chunk) === undefined) return 'completed before its last part';
  }
  const counts = parts.map((part) => part.counts).reduce(addCounts, NO_COUNTS);
  if (!equal(counts, summary.counts)) return 'the summary counts other parts than are stored';
  if (imagesOf(counts) !== summary.images) return 'an image is missing or counted twice';
  if (!active && !notified) return 'completed without a webhook message';
  return undefined;
}

const equal = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);
const byContent = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
