export type { BadImage, Classified, Classifier, Priority, Reservation } from './classifier.ts';
export { openClassifier, type ClassifierConfig } from './process/classifier-pool.ts';
export { DEFAULT_LIMITS, type ImageLimits } from './process/image-limits.ts';
export { embeddedModelDir } from './model/embedded-model.ts';
export { ModelError } from './model/model-error.ts';
