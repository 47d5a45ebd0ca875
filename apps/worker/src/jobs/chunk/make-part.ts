import {
  imagesOfChunk,
  NO_COUNTS,
  type ChunkMessage,
  type JobCounts,
  type JobLine,
  type JobPage,
  type PartSummary,
  type StoredJob,
} from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import type { JobStore, PartStore } from '@labelfleet/jobs';
import type { Logger } from '@labelfleet/runtime';
import type { BatchEnds } from '../../receive/work-loop.ts';
import type { CostMeter, RunningMeter } from '../../request/cost-meter.ts';
import { inPlace } from '../in-place.ts';
import { callsOfChunk, type ChunkCalls, type PriceWork } from './chunk-cost.ts';
import { withChunkRecord, type ChunkRecordDeps } from './chunk-record.ts';
import { classifyAlone } from './classify-alone.ts';
import { classifyTogether, type TogetherDeps } from './classify-together.ts';
import { throwIfLapsed, type ChunkOutcome, type ChunkWork } from './image-work.ts';
import { LineMaker } from './make-line.ts';
import type { Semaphore } from './semaphore.ts';

export interface PartDeps extends TogetherDeps, ChunkRecordDeps {
  /** Instance id of this worker. */
  worker: string;
  jobs: Pick<JobStore, 'stopOf'>;
  classifier: Pick<Classifier, 'reserve' | 'model' | 'description'>;
  /** One chunk begins images at a time. */
  turn: Semaphore;
  meter: Pick<CostMeter, 'begin'>;
  priceWork: PriceWork;
}

/** A chunk whose part is to be made. */
export interface NewPart {
  job: StoredJob;
  page: JobPage;
  parts: PartStore;
  chunk: ChunkMessage;
  isRedelivery: boolean;
  ends: BatchEnds;
  lapsed: () => boolean;
  /** Called when the next chunk should be received. */
  onNearlyDone: () => void;
  log: Logger;
}

export type PartOutcome =
  /** `found`: another worker was faster. `skipped`: the job was stopped. */
  | { kind: 'done'; outcome: 'stored' | 'found' | 'skipped'; summary?: PartSummary }
  | Exclude<ChunkOutcome, { kind: 'lines' }>;

/** Classifies the images of a chunk and stores its part (J3). Rejects when it was interrupted. */
export async function makePart(part: NewPart, deps: PartDeps): Promise<PartOutcome> {
  const { job, page, chunk, ends, lapsed } = part;
  const handling = { signal: ends.signal, lapsed };
  using turn = await deps.turn.acquire(1, ends.signal);
  using meter = deps.meter.begin();
  const calls = callsOfChunk();
  const images = imagesOfChunk(page, chunk.chunk);
  const summarize = (counts: Partial<JobCounts>) => summaryOf(counts, { meter, calls }, deps);

  const stop = await inPlace('read-stop', () => deps.jobs.stopOf(job.id), handling, deps);
  if (stop !== undefined) return store(part, [], summarize({ skipped: images.length }), deps);

  const { model, description } = deps.classifier;
  const work: ChunkWork = {
    ...{ job, images, calls, ...handling, deadline: ends.deadline, log: part.log },
    lines: new LineMaker(job, model, description.calibration),
    onNearlyDone: part.onNearlyDone,
    onAllBegun: () => turn[Symbol.dispose](),
  };
  const storeLines = (outcome: ChunkOutcome): PartOutcome | Promise<PartOutcome> => {
    if (outcome.kind !== 'lines') return outcome;
    const { lines } = outcome;
    const failed = lines.filter(({ status }) => status === 'failed').length;
    const summary = summarize({ succeeded: lines.length - failed, failed });
    return store(part, lines, { ...summary, model: `${model.name}/${model.version}` }, deps);
  };
  if (!part.isRedelivery) return storeLines(await classifyTogether(work, deps));
  return withChunkRecord(
    chunk,
    ends.deadline,
    {
      work: async (entry) => storeLines(await classifyAlone({ ...work, ...ends, entry }, deps)),
      released: ({ kind }) => kind === 'too-early',
    },
    { ...deps, log: part.log },
  );
}

async function store(
  { parts, chunk, ends, lapsed }: NewPart,
  lines: readonly JobLine[],
  summary: PartSummary,
  deps: PartDeps,
): Promise<PartOutcome> {
  throwIfLapsed({ lapsed });
  const put = () => parts.store(chunk.page, chunk.chunk, lines, summary);
  const stored = await inPlace('store', put, { signal: ends.signal, lapsed }, deps);
  if (stored === 'exists') return { kind: 'done', outcome: 'found' };
  return { kind: 'done', outcome: summary.skipped > 0 ? 'skipped' : 'stored', summary };
}

function summaryOf(
  counts: Partial<JobCounts>,
  { meter, calls }: { meter: RunningMeter; calls: ChunkCalls },
  { priceWork, worker }: PartDeps,
): PartSummary {
  const busyMs = meter.busyMs();
  const usd = priceWork(busyMs / 1000, calls);
  const cost = { nanoUsd: usd === null ? null : Math.round(usd * 1e9), busyMs: Math.round(busyMs) };
  return { v: 1, ...NO_COUNTS, ...counts, ...cost, worker };
}
