import { judgeChunkAttempts, withAttempt } from '@labelfleet/contracts';
import type { Held } from './held.ts';
import { attemptAt, countsOf, keysOfChunk, NOW, pageOf } from './product.ts';
import { change, deleteMessage, partOf, type Doing, type JobState, type Part } from './state.ts';

type ChunkDoing = Extract<Doing, { kind: 'chunk' | 'chunk-done' }>;

/** The next steps of a worker with a chunk, up to its part (J3, J6, J7). */
export function chunkSteps(held: Held, doing: ChunkDoing): void {
  if (doing.kind === 'chunk-done') storePart(held, doing);
  else if (doing.at === 'got') begin(held);
  else attempt(held, doing);
}

function begin(held: Held): void {
  const { steps, state, worker } = held;
  const { without } = held.bounds;
  const { page, chunk } = held.message;
  if (partOf(state, page, chunk) !== undefined) {
    const next: Doing =
      without === 'foundPartCompletes' ? { kind: 'delete' } : { kind: 'complete', known: { page } };
    steps.add('finds the part', held.do(next));
  } else if (state.stop !== null) {
    if (without === 'skipStopped') steps.add('finds the job stopped', held.do({ kind: 'delete' }));
    else
      steps.add('finds the job stopped', held.do({ kind: 'chunk-done', lines: '', skipped: true }));
  } else if (worker.lapsed) steps.add('drops the chunk: its visibility has lapsed', held.leave());
  else {
    const deleted = without === 'partBeforeDelete' ? deleteMessage(state, worker.message) : state;
    const started = { kind: 'chunk', at: 'attempt', image: 0, lines: '', recorded: false } as const;
    steps.add('begins the chunk', held.do(started, deleted));
  }
}

/** Goes on with the next image, or with all of them at a first delivery. */
function attempt(held: Held, doing: Extract<Doing, { kind: 'chunk' }>): void {
  const { steps, state, worker } = held;
  const { without } = held.bounds;
  const { page, chunk, resent } = held.message;
  const images = keysOfChunk(pageOf(state, page), chunk);
  const isFree = worker.receive === 1 && !resent;
  if (isFree || without === 'recordAttempts') {
    const deadly = images.findIndex((_, image) => isDeadly(held, image));
    if (deadly !== -1) steps.add('dies of an image', held.leave(died(deadly, state)));
    else
      steps.add(
        'has all results',
        held.do({ kind: 'chunk-done', lines: 's'.repeat(images.length), skipped: false }),
      );
    return;
  }
  if (doing.image >= images.length) {
    const done = { kind: 'chunk-done', lines: doing.lines, skipped: false } as const;
    steps.add('has all results', held.do(done, held.withdraw(state)));
    return;
  }
  const blamed = without === 'oneImageAtATime' ? 0 : doing.image;
  if (!doing.recorded) {
    const others = held.withdraw(state).record;
    const verdict = judgeChunkAttempts(others, blamed, NOW);
    if (verdict.kind === 'exhausted') {
      if (!isDeadly(held, doing.image))
        steps.add('gives up an image', change(state, { wrong: 'a good image is exhausted' }));
      else steps.add('gives up an image', next(held, doing, 'f'));
    } else {
      const record = withAttempt(state.record, attemptAt(held.nonce, blamed));
      const recorded = held.do({ ...doing, recorded: true }, change(state, { record }));
      steps.add(`records its attempt at image ${doing.image}`, recorded);
    }
  } else if (isDeadly(held, doing.image))
    steps.add('dies of the image', held.leave(died(doing.image, state)));
  else steps.add(`has the result of image ${doing.image}`, next(held, doing, 's'));
}

const next = (held: Held, doing: Extract<Doing, { kind: 'chunk' }>, line: string) =>
  held.do({ ...doing, image: doing.image + 1, lines: doing.lines + line, recorded: false });

function isDeadly(held: Held, image: number): boolean {
  const { page, chunk } = held.message;
  return page === 0 && chunk === 0 && image === held.bounds.deadly;
}

function died(image: number, from: JobState): JobState {
  const deaths = [...from.deaths];
  while (deaths.length <= image) deaths.push(0);
  deaths[image] = (deaths[image] ?? 0) + 1;
  return change(from, { deaths });
}

function storePart(held: Held, doing: Extract<Doing, { kind: 'chunk-done' }>): void {
  const { steps, state, worker, bounds } = held;
  const { page, chunk } = held.message;
  const images = keysOfChunk(pageOf(state, page), chunk);
  const counts = countsOf(doing.lines, doing.skipped ? images.length : 0, worker.receive);
  const own: Part = { page, chunk, images, counts };
  const stored = partOf(state, page, chunk);
  const completing = held.do({ kind: 'complete', known: { page }, ownCounts: counts });
  if (worker.lapsed && bounds.without !== 'partOnce')
    steps.add('drops the chunk: its visibility has lapsed', held.leave());
  else if (stored === undefined)
    steps.add('stores the part', change(completing, { parts: [...state.parts, own] }));
  else if (bounds.without === 'partOnce')
    steps.add('stores the part again', change(completing, { wrong: 'a part was written twice' }));
  else steps.add('finds the part of another worker', completing);
}
