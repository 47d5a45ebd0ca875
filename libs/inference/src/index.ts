export type { BadImage, Classified, Classifier } from './classifier.ts';
export { openClassifier, type ClassifierOptions } from './classifier-pool.ts';
export { embeddedModelDir } from './embedded-model.ts';
export { ModelError } from './model-error.ts';
