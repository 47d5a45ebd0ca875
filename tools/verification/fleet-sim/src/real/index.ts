export { comparePrediction, formatComparison } from './compare.ts';
export { rankOf } from './summarise-run.ts';
export type { Recording } from './recording.ts';
