import type { Rival } from './rival.ts';
import { buildkite, buildkiteScaleIn } from './buildkite.ts';
import { delayedOff } from './delayed-off.ts';
import { fixed } from './fixed.ts';
import { keda } from './keda.ts';
import { knative } from './knative.ts';
import { naive } from './naive.ts';
import { squareRoot } from './square-root.ts';
import { targetTracking } from './target-tracking.ts';

export const RIVALS: readonly Rival[] = [
  fixed(20),
  fixed(2),
  naive('naive-per-message', 1),
  naive('naive-per-five', 5),
  keda,
  targetTracking,
  buildkite,
  buildkiteScaleIn,
  knative,
  delayedOff,
  squareRoot,
];
