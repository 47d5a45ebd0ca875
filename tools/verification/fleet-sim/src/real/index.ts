export { comparePrediction } from './compare.ts';
export { rankOf } from '../statistics.ts';
export type { Recording } from './recording.ts';
