export { createClient, type Client } from './client.ts';
export { createCalls, type Calls } from './calls.ts';
export type { CallOptions, Retry } from './call.ts';
export type { ClassifyManyOptions, ManyEvent, Outcome } from './classify-many.ts';
export type { FollowOptions } from './follow.ts';
export type { FollowEvent } from './follow-batch.ts';
export {
  CallError,
  ForeignAnswerError,
  isRepeatable,
  NoAnswerError,
  ProblemError,
} from './errors.ts';
export { randomKey, type Image, type ImageBytes, type NamedImage } from './image.ts';
export type { SubmitOptions } from './submit.ts';
export type { ClientOptions } from './target.ts';
export type * from './wire.ts';
