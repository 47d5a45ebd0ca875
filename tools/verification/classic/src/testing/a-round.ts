import type { Round, Sample } from '../round.ts';

export const aSample = (sample: Partial<Sample>): Sample => ({
  atMs: 0,
  launching: 0,
  running: 0,
  stopping: 0,
  waiting: 0,
  inFlight: 0,
  ...sample,
});

export const anAnswer = (
  number: number,
  outcome: Round['answers'][number]['outcome'] = { kind: 'right', label: 'crab' },
): Round['answers'][number] => ({
  file: `/images/image-${number}.png`,
  atMs: 6000 + number,
  latencyMs: 5000 + number,
  repeats: 0,
  outcome,
});

/** A round in which everything is as it should be: as many instances as images. */
export const aRound = (images: number, different: Partial<Round> = {}): Round => ({
  images,
  answers: Array.from({ length: images }, (_, index) => anAnswer(index)),
  elapsedMs: 7000,
  samples: [
    aSample({ atMs: 0 }),
    aSample({ atMs: 1000, launching: images, waiting: images }),
    aSample({ atMs: 6000, running: images, inFlight: images }),
    aSample({ atMs: 12_000, running: 1, stopping: images - 1 }),
    aSample({ atMs: 13_000 }),
  ],
  launched: images,
  ...different,
});
