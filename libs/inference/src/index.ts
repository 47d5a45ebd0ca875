export type { BadImage, Classified, Classifier, Reservation } from './classifier.ts';
export { openClassifier, type ClassifierConfig } from './classifier-pool.ts';
export { DEFAULT_LIMITS, type ImageLimits } from './image-limits.ts';
export { embeddedModelDir } from './embedded-model.ts';
export { ModelError } from './model-error.ts';
