export { comparePrediction, formatComparison } from './compare.ts';
export { nearestRank } from './summarise-run.ts';
export type { Recording } from './recording.ts';
